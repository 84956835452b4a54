/** Nodes of the canvas: one shape per kind, filled by role, ringed when severe. */
import { NodeProgram, type ProgramInfo } from "sigma/rendering";
import type { NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";
import { type Uniform, rectangles, sendCamera } from "./rectangle.ts";

/** Shapes in the order of the shader below. */
export const SHAPES = [
  "circle",
  "square",
  "bar",
  "diamond",
  "pin",
  "drop",
  "hexagon",
  "folder",
  "flag",
] as const;
export type Shape = (typeof SHAPES)[number];

export interface ShapeData {
  readonly shape: number;
  readonly ring: string;
}

const VERTEX = /* glsl */ `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec4 a_ring;
attribute vec2 a_position;
attribute float a_size;
attribute float a_shape;
attribute vec2 a_corner;
uniform mat3 u_matrix;
uniform vec2 u_resolution;
uniform float u_scale;
varying vec4 v_color;
varying vec4 v_ring;
varying vec2 v_at;
varying float v_size;
varying float v_shape;
const float bias = 255.0 / 254.0;
void main() {
  float size = a_size * u_scale;
  float reach = size * 1.7 + 3.0;
  vec2 centre = (u_matrix * vec3(a_position, 1.0)).xy;
  gl_Position = vec4(centre + a_corner * reach * 2.0 / u_resolution, 0.0, 1.0);
  v_at = a_corner * reach;
  v_size = size;
  v_shape = a_shape;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= bias;
  v_ring = a_ring;
}
`;

// Signed distances in pixels: negative inside.
const FRAGMENT = /* glsl */ `
precision highp float;
varying vec4 v_color;
varying vec4 v_ring;
varying vec2 v_at;
varying float v_size;
varying float v_shape;
uniform float u_pixel;
float box(vec2 p, vec2 half_, float round_) {
  vec2 d = abs(p) - half_ + round_;
  return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0) - round_;
}
float distanceTo(vec2 p, float s) {
  if (v_shape < 0.5) return length(p) - s;
  if (v_shape < 1.5) return box(p, vec2(s * 0.92), s * 0.14);
  if (v_shape < 2.5) return box(p, vec2(s * 1.35, s * 0.66), s * 0.4);
  if (v_shape < 3.5) return (abs(p.x) + abs(p.y) - s) * 0.7071;
  if (v_shape < 5.5) {
    vec2 q = v_shape < 4.5 ? p : -p;
    float ball = length(q - vec2(0.0, s * 0.3)) - s * 0.72;
    float cone = max(abs(q.x) * 0.86 - (q.y + s * 1.15) * 0.5, q.y - s * 0.2);
    return min(ball, cone);
  }
  if (v_shape < 6.5) {
    vec2 q = abs(p);
    return max(q.x * 0.866 + q.y * 0.5, q.y) - s * 0.9;
  }
  if (v_shape < 7.5) {
    float sheet = box(p + vec2(0.0, s * 0.1), vec2(s * 1.1, s * 0.72), s * 0.1);
    return min(sheet, box(p - vec2(-s * 0.55, s * 0.62), vec2(s * 0.5, s * 0.24), s * 0.1));
  }
  float pole = box(p - vec2(-s * 0.7, 0.0), vec2(s * 0.12, s * 1.1), 0.0);
  float cloth = max(abs(p.y - s * 0.45) * 0.9 - (s * 0.95 - p.x) * 0.42, -(p.x + s * 0.7));
  return min(pole, cloth);
}
void main() {
  float d = distanceTo(v_at, v_size);
  float border = 2.5 * u_pixel;
  #ifdef PICKING_MODE
  if (d > border) discard;
  gl_FragColor = v_color;
  #else
  float inside = 1.0 - smoothstep(-0.5 * u_pixel, 0.5 * u_pixel, d);
  float outer = 1.0 - smoothstep(border - 0.5 * u_pixel, border + 0.5 * u_pixel, d);
  vec4 ring = vec4(v_ring.rgb, 1.0);
  vec4 fill = mix(ring, vec4(v_color.rgb, 1.0), inside);
  gl_FragColor = fill * outer * v_color.a;
  #endif
}
`;

/** Draws nodes as shapes of constant size on the screen. */
export class ShapeProgram extends NodeProgram<Uniform> {
  override getDefinition() {
    return rectangles({
      vertex: VERTEX,
      fragment: FRAGMENT,
      numbers: { a_position: 2, a_size: 1, a_shape: 1 },
      colors: ["a_color", "a_ring"],
      corners: [
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ],
    });
  }

  override processVisibleItem(id: number, start: number, data: NodeDisplayData & ShapeData): void {
    const { array } = this;
    array[start++] = data.x;
    array[start++] = data.y;
    array[start++] = data.size;
    array[start++] = data.shape;
    array[start++] = floatColor(data.color);
    array[start++] = floatColor(data.ring);
    array[start++] = id;
  }

  override setUniforms(params: RenderParams, program: ProgramInfo<Uniform>): void {
    sendCamera(params, program);
  }
}
