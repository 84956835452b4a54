/** The network of a page: data stand in #network-data, the picture goes into #network. */
import { MultiDirectedGraph } from "graphology";
import Sigma from "sigma";
import type { EdgeDisplayData, NodeDisplayData } from "sigma/types";
import {
  type Drawing,
  type DrawnEdge,
  type DrawnNode,
  Room,
  byImportance,
  labelAt,
  lanes,
  wrapped,
} from "./drawing.ts";
import { LineProgram, type LineData } from "./line.ts";
import { SHAPES, ShapeProgram } from "./shape.ts";

interface Palette {
  readonly text: string;
  readonly ground: string;
  readonly strong: string;
  readonly soft: string;
  readonly severe: string;
  readonly pale: string;
}

const FONT = '"Microsoft YaHei","PingFang SC","Noto Sans CJK SC","Jinghuan Sans",sans-serif';
const NAME_PX = 13;
const GAP_PX = 3;
const LINE = 1.25;

function palette(place: HTMLElement): Palette {
  const style = getComputedStyle(place);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: value("--ink"),
    ground: value("--card"),
    strong: value("--edge-strong"),
    soft: value("--edge-soft"),
    severe: value("--grade-1"),
    pale: value("--line"),
  };
}

class NetworkCanvas {
  private readonly graph = new MultiDirectedGraph();
  private readonly renderer: Sigma;
  private colors: Palette;
  private near: ReadonlySet<string> | undefined;
  private readonly room = new Room();

  constructor(
    private readonly place: HTMLElement,
    private readonly detail: HTMLElement,
    drawing: Drawing,
  ) {
    this.colors = palette(place);
    this.fill(drawing);
    this.renderer = new Sigma(this.graph, place, {
      nodeProgramClasses: { shape: ShapeProgram },
      edgeProgramClasses: { line: LineProgram },
      // A page that is being left takes its room away while the picture is drawn.
      allowInvalidContainer: true,
      defaultNodeType: "shape",
      defaultEdgeType: "line",
      enableEdgeEvents: true,
      renderEdgeLabels: drawing.edges.length < 40,
      // Every name is asked for, in the order of the nodes; the room decides which are written.
      labelDensity: 0,
      stagePadding: 56,
      minCameraRatio: 0.2,
      maxCameraRatio: 3,
      zIndex: true,
      labelFont: FONT,
      nodeReducer: (id, data) => this.node(id, data),
      edgeReducer: (id, data) => this.edge(id, data),
      defaultDrawNodeLabel: (context, data) => this.drawName(context, data, this.room),
      defaultDrawNodeHover: (context, data) => this.drawName(context, data),
      defaultDrawEdgeLabel: (context, edge, source, target) =>
        this.drawText(context, edge as unknown as LineData & { label: string }, source, target),
    });
    this.listen();
  }

  private fill(drawing: Drawing): void {
    for (const node of byImportance(drawing)) {
      this.graph.addNode(node.id, {
        x: node.x,
        y: node.y,
        size: node.size,
        label: node.name,
        color: node.color,
        shape: SHAPES.indexOf(node.shape),
        drawn: node,
        forceLabel: true,
      });
    }
    const lane = lanes(drawing.edges);
    drawing.edges.forEach((edge, index) => {
      this.graph.addDirectedEdgeWithKey(`edge-${index}`, edge.source, edge.target, {
        size: edge.width,
        label: edge.text,
        lane: lane[index] ?? 0,
        dash: [edge.dash[0] ?? 0, edge.dash[1] ?? 0],
        isDirected: edge.is_directed,
        isDouble: edge.is_double,
        forceLabel: true,
        drawn: edge,
      });
    });
  }

  private node(id: string, data: Record<string, unknown>): Partial<NodeDisplayData> {
    const drawn = data["drawn"] as DrawnNode;
    const isFar = this.near !== undefined && !this.near.has(id);
    return {
      ...data,
      color: isFar ? this.colors.pale : drawn.color,
      label: isFar ? "" : drawn.name,
      zIndex: isFar ? 0 : 1,
      ring: drawn.is_severe && !isFar ? this.colors.severe : this.colors.ground,
    } as Partial<NodeDisplayData>;
  }

  private edge(_id: string, data: Record<string, unknown>): Partial<EdgeDisplayData> {
    const drawn = data["drawn"] as DrawnEdge;
    const isFar =
      this.near !== undefined && !(this.near.has(drawn.source) && this.near.has(drawn.target));
    const color = drawn.tone === "strong" ? this.colors.strong : this.colors.soft;
    return {
      ...data,
      color: isFar ? this.colors.pale : color,
      label: isFar ? "" : drawn.text,
    } as Partial<EdgeDisplayData>;
  }

  private lines(
    context: CanvasRenderingContext2D,
    texts: readonly string[],
    x: number,
    y: number,
    size: number,
  ): void {
    context.font = `${size}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "top";
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = this.colors.ground;
    context.fillStyle = this.colors.text;
    texts.forEach((text, index) => {
      context.strokeText(text, x, y + index * size * LINE);
      context.fillText(text, x, y + index * size * LINE);
    });
  }

  private drawName(
    context: CanvasRenderingContext2D,
    data: { x: number; y: number; size: number; label: string | null },
    room?: Room,
  ): void {
    if (!data.label) return;
    const texts = wrapped(data.label);
    const top = data.y + data.size + 5;
    context.font = `${NAME_PX}px ${FONT}`;
    const width = Math.max(...texts.map((text) => context.measureText(text).width));
    const height = texts.length * NAME_PX * LINE;
    const box = { left: data.x - width / 2 - GAP_PX, top, width: width + 2 * GAP_PX, height };
    if (room && !room.take(box)) return;
    this.lines(context, texts, data.x, top, NAME_PX);
  }

  private drawText(
    context: CanvasRenderingContext2D,
    edge: LineData & { label: string },
    source: { x: number; y: number },
    target: { x: number; y: number },
  ): void {
    if (!edge.label) return;
    const [dx, dy] = [target.x - source.x, target.y - source.y];
    const length = Math.hypot(dx, dy) || 1;
    // The screen's y axis points down, the lane's left is that of the graph.
    // Labels of parallel edges stand apart, beside their lines and not all in the middle.
    const along = labelAt(edge.lane);
    const x = source.x + dx * along + (dy / length) * edge.lane;
    const y = source.y + dy * along - (dx / length) * edge.lane;
    const texts = edge.label.split("\n");
    this.lines(context, texts, x, y - (texts.length * 14) / 2, 11);
  }

  private show(text: string, link?: DrawnNode): void {
    const parts: Node[] = [document.createTextNode(text)];
    if (link?.href) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = "查看主体";
      parts.push(document.createTextNode("　"), anchor);
    }
    this.detail.replaceChildren(...parts);
  }

  private listen(): void {
    const { renderer, graph } = this;
    const hint = this.detail.textContent ?? "";
    renderer.on("beforeRender", () => this.room.clear());
    renderer.on("enterNode", ({ node }) => {
      this.near = new Set([node, ...graph.neighbors(node)]);
      renderer.refresh({ skipIndexation: true });
      this.place.classList.add("pointing");
    });
    renderer.on("leaveNode", () => {
      this.near = undefined;
      renderer.refresh({ skipIndexation: true });
      this.place.classList.remove("pointing");
    });
    renderer.on("clickNode", ({ node }) => {
      const drawn = graph.getNodeAttribute(node, "drawn") as DrawnNode;
      this.show([drawn.name, drawn.kind, drawn.role].filter(Boolean).join(" · "), drawn);
    });
    renderer.on("clickEdge", ({ edge }) => {
      this.show((graph.getEdgeAttribute(edge, "drawn") as DrawnEdge).detail);
    });
    renderer.on("clickStage", () => this.show(hint));
    this.drag();
    const camera = renderer.getCamera();
    const zoom: Record<string, () => unknown> = {
      in: () => camera.animatedZoom({ duration: 120 }),
      out: () => camera.animatedUnzoom({ duration: 120 }),
      fit: () => camera.animatedReset({ duration: 120 }),
    };
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-zoom]")) {
      button.addEventListener("click", () => zoom[button.dataset["zoom"] ?? ""]?.());
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colors = palette(this.place);
      renderer.refresh();
    });
  }

  private drag(): void {
    const { renderer, graph } = this;
    let held: string | undefined;
    renderer.on("downNode", ({ node }) => {
      held = node;
      // The picture must not shrink or grow under the hand.
      if (!renderer.getCustomBBox()) renderer.setCustomBBox(renderer.getBBox());
    });
    renderer.on("moveBody", ({ event }) => {
      if (!held) return;
      const to = renderer.viewportToGraph(event);
      graph.mergeNodeAttributes(held, { x: to.x, y: to.y });
      event.preventSigmaDefault();
      event.original.preventDefault();
    });
    const release = (): void => {
      held = undefined;
    };
    renderer.on("upNode", release);
    renderer.on("upStage", release);
  }
}

async function start(): Promise<void> {
  const place = document.querySelector<HTMLElement>("#network");
  const data = document.querySelector<HTMLScriptElement>("#network-data");
  const detail = document.querySelector<HTMLElement>("#network-detail");
  if (!place || !data?.textContent || !detail) return;
  // A canvas takes no font that is not loaded yet.
  await document.fonts.load(`13px ${FONT}`, "警环").catch(() => []);
  place.hidden = false;
  // A page that is being left or printed has no room: then the still picture stays.
  if (!place.clientWidth) {
    place.hidden = true;
    return;
  }
  document.querySelector("#network-still")?.remove();
  new NetworkCanvas(place, detail, JSON.parse(data.textContent) as Drawing);
}

void start();
