/** Edges of the canvas: solid, dashed or dotted, side by side when parallel, with arrow heads. */
import { EdgeProgram, type ProgramInfo } from "sigma/rendering";
import type { EdgeDisplayData, NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";
import { type Uniform, rectangles, sendCamera } from "./rectangle.ts";

export interface LineData {
  /** Pixels to the left of the straight connection, seen from the source. */
  readonly lane: number;
  /** Pixels drawn and left free; 0 and 0 for a solid line. */
  readonly dash: readonly [number, number];
  readonly isDirected: boolean;
  readonly isDouble: boolean;
}

const VERTEX = /* glsl */ `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_start;
attribute vec2 a_end;
attribute vec4 a_form;
attribute vec4 a_line;
attribute vec2 a_corner;
uniform mat3 u_matrix;
uniform vec2 u_resolution;
uniform float u_pixel;
uniform float u_scale;
varying vec4 v_color;
varying vec4 v_form;
varying vec2 v_dash;
varying float v_along;
varying float v_across;
varying float v_end;
varying float v_begin;
const float bias = 255.0 / 254.0;
void main() {
  vec2 start = (u_matrix * vec3(a_start, 1.0)).xy * 0.5 * u_resolution;
  vec2 end = (u_matrix * vec3(a_end, 1.0)).xy * 0.5 * u_resolution;
  float length_ = max(distance(start, end), 0.001);
  vec2 way = (end - start) / length_;
  vec2 side = vec2(-way.y, way.x);
  float reach = 7.0 * u_pixel + a_form.x * u_pixel;
  vec2 at = mix(start, end, a_corner.x) + side * (a_line.x * u_pixel + a_corner.y * reach);
  gl_Position = vec4(at * 2.0 / u_resolution, 0.0, 1.0);
  v_along = a_corner.x * length_;
  v_across = a_corner.y * reach;
  v_begin = a_line.y * u_scale;
  v_end = length_ - a_line.z * u_scale;
  v_form = a_form;
  v_dash = vec2(a_line.w, a_form.w) * u_pixel;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= bias;
}
`;
const FRAGMENT = /* glsl */ `
precision highp float;
varying vec4 v_color;
varying vec4 v_form;
varying vec2 v_dash;
varying float v_along;
varying float v_across;
varying float v_end;
varying float v_begin;
uniform float u_pixel;
void main() {
  float width = v_form.x * u_pixel;
  float across = abs(v_across);
  float head = v_form.y > 0.5 ? 9.0 * u_pixel + width : 0.0;
  float toTip = v_end - v_along;
  if (v_along < v_begin || toTip < 0.0) discard;
  #ifdef PICKING_MODE
  if (across > width * 0.5 + 4.0 * u_pixel) discard;
  gl_FragColor = v_color;
  #else
  float edge;
  if (toTip < head) {
    edge = across - toTip * 0.42;
  } else {
    if (v_dash.x > 0.0 && mod(v_along - v_begin, v_dash.x + v_dash.y) > v_dash.x) discard;
    edge = v_form.z > 0.5
      ? abs(across - 2.0 * u_pixel) - 0.6 * u_pixel
      : across - width * 0.5;
  }
  float shown = 1.0 - smoothstep(-0.5 * u_pixel, 0.5 * u_pixel, edge);
  if (shown <= 0.0) discard;
  gl_FragColor = vec4(v_color.rgb, 1.0) * shown * v_color.a;
  #endif
}
`;

/** Draws edges; all widths, gaps and lanes are pixels of the screen. */
export class LineProgram extends EdgeProgram<Uniform> {
  override getDefinition() {
    return rectangles({
      vertex: VERTEX,
      fragment: FRAGMENT,
      numbers: { a_start: 2, a_end: 2, a_form: 4, a_line: 4 },
      colors: ["a_color"],
      corners: [
        [0, -1],
        [1, -1],
        [0, 1],
        [1, 1],
      ],
    });
  }

  override processVisibleItem(
    id: number,
    start: number,
    source: NodeDisplayData,
    target: NodeDisplayData,
    data: EdgeDisplayData & LineData,
  ): void {
    const { array } = this;
    array[start++] = source.x;
    array[start++] = source.y;
    array[start++] = target.x;
    array[start++] = target.y;
    array[start++] = data.size;
    array[start++] = data.isDirected ? 1 : 0;
    array[start++] = data.isDouble ? 1 : 0;
    array[start++] = data.dash[1];
    array[start++] = data.lane;
    array[start++] = source.size;
    array[start++] = target.size + 3;
    array[start++] = data.dash[0];
    array[start++] = floatColor(data.color);
    array[start++] = id;
  }

  override setUniforms(params: RenderParams, program: ProgramInfo<Uniform>): void {
    sendCamera(params, program);
  }
}
