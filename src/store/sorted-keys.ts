/** Keys in the order of `compareKeys`, each with its slot: a tree that is copied in a moment. */
import BTree from "sorted-btree";
import { bulkLoad } from "sorted-btree/extended/bulkLoad";
import union from "sorted-btree/extended/union";
import { KeyOrder } from "./key-order";
import type { Slot } from "./memory-chunk";

type Tree = BTree<string, Slot>;

/** Children of a node of the tree; as many as in a tree that grew. */
const NODE_SIZE = 32;
/** How many slots are taken out of the tree at once: to go on in it costs as much as a few. */
const RUN_SLOTS = 256;
/** What tells the tree to go no further. */
const STOP = { break: true };

export class SortedKeys {
  readonly #order: KeyOrder;
  #tree: Tree;

  constructor(
    order = new KeyOrder(),
    tree: Tree = new BTree<string, Slot>(undefined, order.compare, NODE_SIZE),
  ) {
    this.#order = order;
    this.#tree = tree;
  }

  /** Shares the tree's nodes until one of the two changes them. */
  copy(): SortedKeys {
    return new SortedKeys(this.#order, this.#tree.clone());
  }

  /** Adds a key that is not there. */
  add(key: string, slot: Slot): void {
    this.#order.admit(key);
    this.#tree.set(key, slot);
  }

  delete(key: string): void {
    this.#tree.delete(key);
  }

  /**
   * Adds keys in their order, behind all that are there, and their slots: ten times faster than key
   * by key.
   */
  append(keys: string[], slots: Slot[]): void {
    for (const key of keys) this.#order.admit(key);
    const run = bulkLoad(keys, slots, NODE_SIZE, this.#order.compare);
    // The tree takes the run's nodes as they are.
    this.#tree = union<Tree, string, Slot>(this.#tree, run, (_key, slot) => slot);
  }

  /** One by one, from the first key that is not before `start`. */
  from(start: string): Iterable<readonly [key: string, slot: Slot]> {
    return this.#tree.entries(start);
  }

  /**
   * All slots, in runs that are gathered when they are asked for: the tree's own walk takes less
   * than an iterator does that is asked slot by slot.
   */
  *runs(): Generator<readonly Slot[], void> {
    for (let first = this.#tree.minKey(); first !== undefined; ) {
      const run: Slot[] = [];
      let last = first;
      this.#tree.forRange(first, this.#tree.maxKey() ?? first, true, (key, slot) => {
        last = key;
        return run.push(slot) === RUN_SLOTS ? STOP : undefined;
      });
      yield run;
      first = this.#tree.nextHigherKey(last);
    }
  }
}
