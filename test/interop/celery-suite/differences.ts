/**
 * Tests that pass with Celery's worker and cannot with ours, each with the reason. What is here is no failure; what is not, is.
 * A name without its parameters stands for all of them.
 */

const INSIDE = "looks inside the process of Celery's worker";
const RACE = "polls for a part's failure and the chord's: which is seen first decides, with Celery's worker as well";

const EVERYWHERE: ReadonlyMap<string, string> = new Map([
  ['test_canvas.py::test_stamping_mechanism::test_linking_stamped_sig', `${INSIDE}: the callbacks of its request`],
  ['test_canvas.py::test_stamping_mechanism::test_err_linking_stamped_sig', `${INSIDE}: the errbacks of its request`],
  [
    'test_canvas.py::test_chord::test_nested_chord_header_link_error',
    "counts the errbacks of a chord in a chord's header: with Celery's Redis backend the outer chord then waits for ever, ours fails and its errback is called as well",
  ],
]);

const WITH_DYNAMODB: ReadonlyMap<string, string> = new Map([
  ['test_canvas.py::test_chain::test_header_failure_fails_the_chords_after_it', RACE],
  ['test_canvas.py::test_chain::test_header_failure_fails_the_chords_after_a_group_body', RACE],
  ['test_canvas.py::test_chord::test_chord_error_propagation_with_different_body_types', RACE],
  ['test_canvas.py::test_chord::test_error_propagates_to_chord_from_simple', RACE],
  ['test_canvas.py::test_chord::test_error_propagates_to_chord_from_chain', RACE],
  ['test_canvas.py::test_chord::test_error_propagates_to_chord_from_chain_tail', RACE],
  ['test_canvas.py::test_chord::test_error_propagates_to_chord_from_group', RACE],
]);

/** Why the test cannot pass with ours; undefined where it should. */
export function reasonOf(test: string, backend: string): string | undefined {
  const whole = test.replace(/\[.*$/s, '');
  const known = (reasons: ReadonlyMap<string, string>): string | undefined => reasons.get(test) ?? reasons.get(whole);
  return known(EVERYWHERE) ?? (backend === 'dynamodb' ? known(WITH_DYNAMODB) : undefined);
}
