/** Something the tasks depend on. */

export const bank = {
  open: true,
  isOpen(): boolean {
    return this.open;
  },
};
