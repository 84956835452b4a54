/** What the server sends for a canvas (viz/canvas.py), and what follows from it. */
import { SHAPES } from "./shape.ts";

export interface DrawnNode {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly role: string;
  readonly shape: (typeof SHAPES)[number];
  readonly color: string;
  readonly is_severe: boolean;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly href: string;
}

export interface DrawnEdge {
  readonly source: string;
  readonly target: string;
  readonly kind: string;
  readonly text: string;
  readonly detail: string;
  readonly tone: "strong" | "soft";
  readonly dash: readonly number[];
  readonly width: number;
  readonly is_directed: boolean;
  readonly is_double: boolean;
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

const LANE = 15;

/**
 * Lane of each edge in pixels, so that parallel ones lie side by side.
 *
 * A lane is counted to the left of the edge's own direction: edges that run against each other
 * keep their side of the road.
 */
export function lanes(edges: readonly Pick<DrawnEdge, "source" | "target">[]): number[] {
  const byPair = new Map<string, number[]>();
  edges.forEach((edge, index) => {
    const pair = [edge.source, edge.target].sort().join("\n");
    byPair.set(pair, [...(byPair.get(pair) ?? []), index]);
  });
  const result = new Array<number>(edges.length).fill(0);
  for (const indices of byPair.values()) {
    const first = edges[indices[0] ?? 0]?.source;
    indices.forEach((index, position) => {
      const lane = (position - (indices.length - 1) / 2) * LANE;
      result[index] = edges[index]?.source === first ? lane : -lane;
    });
  }
  return result;
}

/**
 * Where on its way, 0 to 1 from the source, the label of an edge stands: those of parallel edges
 * stand apart, also when the edges run against each other.
 */
export function labelAt(lane: number): number {
  return 0.5 + Math.max(-0.18, Math.min(0.18, lane / 45));
}

/** A name in at most two lines of about equal length, each of at most `width` characters. */
export function wrapped(name: string, width = 12): string[] {
  const letters = [...name];
  if (letters.length <= width) return [name];
  const cut = Math.min(width, Math.ceil(letters.length / 2));
  const second = letters.slice(cut);
  const rest = second.length > width ? [...second.slice(0, width - 1), "…"] : second;
  return [letters.slice(0, cut).join(""), rest.join("")];
}

/**
 * Nodes in the order in which their names are given room: severe ones, then those with a role in
 * the finding, then those with more edges; otherwise as they came.
 */
export function byImportance(drawing: Drawing): DrawnNode[] {
  const degree = new Map<string, number>();
  for (const { source, target } of drawing.edges) {
    for (const id of [source, target]) degree.set(id, (degree.get(id) ?? 0) + 1);
  }
  const rank = (node: DrawnNode): number => (node.is_severe ? 2 : node.role ? 1 : 0);
  return [...drawing.nodes].sort(
    (a, b) => rank(b) - rank(a) || (degree.get(b.id) ?? 0) - (degree.get(a.id) ?? 0),
  );
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Room on one drawing of the canvas: a name is written where no earlier one stands. */
export class Room {
  private taken: Box[] = [];

  /** Takes the box if it is free, and says whether it was. */
  take(box: Box): boolean {
    const isFree = !this.taken.some(
      (other) =>
        box.left < other.left + other.width &&
        other.left < box.left + box.width &&
        box.top < other.top + other.height &&
        other.top < box.top + box.height,
    );
    if (isFree) this.taken.push(box);
    return isFree;
  }

  clear(): void {
    this.taken = [];
  }
}
