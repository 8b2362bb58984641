/** What EVT promises, in the plainest form: who is to be told of which events, through crashes, partitions and merges. */

interface Told {
  readonly id: bigint;
  readonly pattern: string;
  readonly priority: number;
  readonly publishTime: number;
  readonly deadline: number;
}

export class OracleSubscription {
  readonly prefix: string;
  readonly expected: bigint[] = [];

  constructor(prefix: string) {
    this.prefix = prefix;
  }
}

export class OracleOpen {
  readonly node: number;
  readonly subscriptions: OracleSubscription[] = [];
  readonly told = new Set<bigint>();

  constructor(node: number) {
    this.node = node;
  }

  tell(event: Told): void {
    const first = this.subscriptions.find(({ prefix }) => event.pattern.startsWith(prefix));
    if (first === undefined) return;
    first.expected.push(event.id);
    this.told.add(event.id);
  }
}

/** An instance of a channel, as one component has it. */
interface Instance {
  readonly name: string;
  /** Undefined: linked. */
  unlinked: object | undefined;
  opens: OracleOpen[];
  retained: Told[];
}

class OracleComponent {
  readonly members: number[];
  instances: Instance[];

  constructor(members: number[], instances: Instance[]) {
    this.members = members;
    this.instances = instances;
  }

  linked(name: string): Instance | undefined {
    return this.instances.find((instance) => instance.name === name && instance.unlinked === undefined);
  }

  of(open: OracleOpen): Instance {
    return this.instances.find(({ opens }) => opens.includes(open))!;
  }

  collect(): void {
    this.instances = this.instances.filter(({ unlinked, opens }) => unlinked === undefined || opens.length > 0);
  }

  /** What comes along with some of its members. */
  part(members: number[]): OracleComponent {
    const instances = this.instances.map((instance) => ({
      ...instance,
      opens: instance.opens.filter(({ node }) => members.includes(node)),
      retained: [...instance.retained],
    }));
    const part = new OracleComponent(members, instances);
    part.collect();
    return part;
  }
}

export class Oracle {
  components: OracleComponent[];

  constructor(members: number[]) {
    this.components = [new OracleComponent(members, [])];
  }

  componentOf(node: number): OracleComponent {
    return this.components.find(({ members }) => members.includes(node))!;
  }

  open(node: number, name: string): OracleOpen {
    const component = this.componentOf(node);
    const open = new OracleOpen(node);
    const instance = component.linked(name);
    if (instance === undefined) component.instances.push({ name, unlinked: undefined, opens: [open], retained: [] });
    else instance.opens.push(open);
    return open;
  }

  close(open: OracleOpen): void {
    const component = this.componentOf(open.node);
    const instance = component.of(open);
    instance.opens = instance.opens.filter((other) => other !== open);
    component.collect();
  }

  /** False: there is no such channel. */
  unlink(node: number, name: string): boolean {
    const component = this.componentOf(node);
    const instance = component.linked(name);
    if (instance === undefined) return false;
    instance.unlinked = {};
    component.collect();
    return true;
  }

  publish(open: OracleOpen, event: Told): void {
    const instance = this.componentOf(open.node).of(open);
    if (event.deadline > event.publishTime) instance.retained.push(event);
    for (const each of instance.opens) each.tell(event);
  }

  subscribe(open: OracleOpen, prefix: string): OracleSubscription {
    const subscription = new OracleSubscription(prefix);
    const { retained } = this.componentOf(open.node).of(open);
    const due = retained.filter(({ id, pattern }) => !open.told.has(id) && pattern.startsWith(prefix));
    for (const { id } of due.sort((a, b) => a.priority - b.priority)) {
      subscription.expected.push(id);
      open.told.add(id);
    }
    open.subscriptions.push(subscription);
    return subscription;
  }

  /** False: it is not retained. If another component brings it back, it counts as new. */
  clear(open: OracleOpen, id: bigint): boolean {
    const instance = this.componentOf(open.node).of(open);
    for (const { told } of instance.opens) told.delete(id);
    const before = instance.retained.length;
    instance.retained = instance.retained.filter((event) => event.id !== id);
    return instance.retained.length < before;
  }

  expire(time: number): void {
    for (const { instances } of this.components) {
      for (const instance of instances) instance.retained = instance.retained.filter(({ deadline }) => deadline > time);
    }
  }

  crash(node: number): void {
    this.partition([...this.components.map(({ members }) => members.filter((each) => each !== node))]);
  }

  /** Parts of components, each of one. */
  partition(parts: number[][]): void {
    this.components = parts.filter((part) => part.length > 0).map((part) => this.componentOf(part[0]!).part(part));
  }

  start(node: number): void {
    this.components.push(new OracleComponent([node], []));
  }

  /** The larger component's events of a time come first, then the one with the lower node. */
  merge(): void {
    const parts = [...this.components].sort(
      (a, b) => b.members.length - a.members.length || Math.min(...a.members) - Math.min(...b.members),
    );
    const merged = new OracleComponent(
      parts.flatMap(({ members }) => members),
      [],
    );
    for (const instance of parts.flatMap(({ instances }) => instances)) {
      const same = merged.instances.find(
        ({ name, unlinked }) => name === instance.name && unlinked === instance.unlinked,
      );
      if (same === undefined) {
        merged.instances.push(instance);
        continue;
      }
      same.opens.push(...instance.opens);
      same.retained.push(...instance.retained.filter(({ id }) => !same.retained.some((known) => known.id === id)));
      same.retained.sort((a, b) => a.publishTime - b.publishTime);
    }
    merged.collect();
    this.components = [merged];
  }
}
