/** What nodes and edges have in common: each is a rectangle, painted in pixels of the screen. */
import type { InstancedProgramDefinition, ProgramInfo } from "sigma/rendering";
import type { RenderParams } from "sigma/types";

const UNIFORMS = ["u_matrix", "u_resolution", "u_pixel", "u_scale"] as const;
export type Uniform = (typeof UNIFORMS)[number];

export interface Painting {
  readonly vertex: string;
  readonly fragment: string;
  /** Attributes of an item and how many numbers each holds, in the order in which they are sent. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Colours of an item, sent after its numbers and before its id. */
  readonly colors: readonly string[];
  /** Values of `a_corner` at the corners, as a strip of two triangles. */
  readonly corners: number[][];
}

/** Definition of a program that draws its items as rectangles. */
export function rectangles(painting: Painting): InstancedProgramDefinition<Uniform> {
  const { FLOAT, UNSIGNED_BYTE, TRIANGLE_STRIP } = WebGL2RenderingContext;
  return {
    VERTICES: painting.corners.length,
    VERTEX_SHADER_SOURCE: painting.vertex,
    FRAGMENT_SHADER_SOURCE: painting.fragment,
    METHOD: TRIANGLE_STRIP,
    UNIFORMS,
    ATTRIBUTES: [
      ...Object.entries(painting.numbers).map(([name, size]) => ({ name, size, type: FLOAT })),
      ...[...painting.colors, "a_id"].map((name) => ({
        name,
        size: 4,
        type: UNSIGNED_BYTE,
        normalized: true,
      })),
    ],
    CONSTANT_ATTRIBUTES: [{ name: "a_corner", size: 2, type: FLOAT }],
    CONSTANT_DATA: painting.corners,
  };
}

/** Tells a program how the camera stands and how large a pixel of the screen is. */
export function sendCamera(params: RenderParams, program: ProgramInfo<Uniform>): void {
  const { gl, uniformLocations: at } = program;
  const pixel = params.pixelRatio / params.downSizingRatio;
  gl.uniformMatrix3fv(at.u_matrix, false, params.matrix);
  gl.uniform2f(at.u_resolution, params.width * pixel, params.height * pixel);
  gl.uniform1f(at.u_pixel, pixel);
  gl.uniform1f(at.u_scale, pixel / params.sizeRatio);
}
