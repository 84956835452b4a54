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

/** A name in at most two lines of about equal length, each of at most `width` characters. */
export function wrapped(name: string, width = 12): string[] {
  const letters = [...name];
  if (letters.length <= width) return [name];
  const cut = Math.min(width, Math.ceil(letters.length / 2));
  const second = letters.slice(cut);
  const rest = second.length > width ? [...second.slice(0, width - 1), "…"] : second;
  return [letters.slice(0, cut).join(""), rest.join("")];
}
