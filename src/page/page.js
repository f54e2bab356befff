"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const radius = document.getElementById("radius");
  const search = document.getElementById("search");
  const theme = document.getElementById("theme");
  const root = document.documentElement;

  // What a drawing is made of, looked up once.
  const graphs = new Map();
  for (const box of all(".graph")) {
    const nodes = all(".node", box);
    const needs = nodes.map(() => []);
    const stops = nodes.map(() => []);
    const edges = all(".edge", box).map((path) => {
      const edge = { path, from: Number(path.dataset.from), to: Number(path.dataset.to) };
      needs[edge.from].push(edge.to);
      stops[edge.to].push(edge.from);
      return edge;
    });
    graphs.set(box.dataset.region, { box, nodes, edges, needs, stops });
  }
  let region = all(".pick")[0]?.dataset.region;

  const reach = (from, next) => {
    const seen = new Set();
    const open = [from];
    while (open.length) {
      for (const place of next[open.pop()]) {
        if (!seen.has(place)) { seen.add(place); open.push(place); }
      }
    }
    return seen;
  };

  // A graph of which nothing is asked is as it was drawn.
  const letGo = (graph) => {
    radius.textContent = "Nothing is chosen.";
    if (!graph.isAsked) return;
    graph.isAsked = false;
    graph.box.classList.remove("asked");
    for (const node of graph.nodes) { node.classList.remove("chosen", "needs", "stops", "found"); node.removeAttribute("aria-pressed"); }
    for (const edge of graph.edges) edge.path.classList.remove("needs", "stops");
  };

  const choose = (graph, place) => {
    letGo(graph);
    const needs = reach(place, graph.needs);
    const stops = reach(place, graph.stops);
    const names = (places) => Array.from(places, (it) => graph.nodes[it].dataset.name).sort();
    graph.isAsked = true;
    graph.box.classList.add("asked");
    graph.nodes[place].classList.add("chosen");
    graph.nodes[place].setAttribute("aria-pressed", "true");
    for (const it of needs) graph.nodes[it].classList.add("needs");
    for (const it of stops) graph.nodes[it].classList.add("stops");
    for (const { path, from, to } of graph.edges) {
      if (needs.has(to) && (from === place || needs.has(from))) path.classList.add("needs");
      if (stops.has(from) && (to === place || stops.has(to))) path.classList.add("stops");
    }
    const name = graph.nodes[place].dataset.name;
    const list = (found) => found.length > 12 ? found.slice(0, 12).join(", ") + " and " + (found.length - 12) + " more" : found.join(", ");
    const after = names(stops), before = names(needs);
    radius.textContent = "Until " + name + " is ready, " + (after.length ? after.length + " others in " + region + " wait: " + list(after) : "nobody waits") +
      ". It needs " + (before.length ? before.length + ": " + list(before) : "nothing") + ".";
  };

  const show = (name) => {
    if (!graphs.has(name)) return;
    region = name;
    for (const [of, graph] of graphs) { graph.box.hidden = of !== name; letGo(graph); }
    for (const button of all(".pick")) button.setAttribute("aria-pressed", String(button.dataset.region === name));
  };

  for (const button of all(".pick")) button.addEventListener("click", () => show(button.dataset.region));

  for (const graph of graphs.values()) {
    const place = (event) => graph.nodes.indexOf(event.target.closest(".node"));
    graph.box.addEventListener("click", (event) => {
      const at = place(event);
      if (at >= 0) choose(graph, at); else letGo(graph);
    });
    graph.box.addEventListener("keydown", (event) => {
      const at = place(event);
      if (event.key === "Escape") return letGo(graph);
      if (at < 0) return;
      const column = graph.nodes.filter((node) => node.getAttribute("aria-label").split(", ")[1] === graph.nodes[at].getAttribute("aria-label").split(", ")[1]);
      const beside = column.indexOf(graph.nodes[at]);
      const to = { ArrowLeft: graph.nodes[graph.needs[at][0]], ArrowRight: graph.nodes[graph.stops[at][0]], ArrowUp: column[beside - 1], ArrowDown: column[beside + 1] }[event.key];
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(graph, at); }
      else if (to) { event.preventDefault(); to.focus(); to.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    });
  }

  // A region of the map leads to its releases.
  for (const node of all("#topology .node")) {
    const go = () => { show(node.dataset.name); document.getElementById("dependencies").scrollIntoView(); };
    node.addEventListener("click", go);
    node.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(); } });
  }

  const rows = all("tr[data-name], .card[data-name]").map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const find = () => {
    const text = search.value.trim().toLowerCase();
    for (const it of rows) it.row.hidden = text !== "" && !it.text.includes(text);
    const graph = graphs.get(region);
    if (!graph) return;
    letGo(graph);
    if (text === "") return;
    const found = graph.nodes.filter((node) => node.dataset.name.toLowerCase().includes(text));
    graph.isAsked = found.length > 0;
    graph.box.classList.toggle("asked", graph.isAsked);
    for (const node of found) node.classList.add("found");
    radius.textContent = found.length + " releases of " + region + " are called so. Enter chooses the first.";
  };
  let waiting = 0;
  search.addEventListener("input", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(find); });
  search.addEventListener("keydown", (event) => {
    const graph = graphs.get(region);
    if (event.key === "Escape") { search.value = ""; find(); }
    if (event.key !== "Enter" || !graph) return;
    find();
    const at = graph.nodes.findIndex((node) => node.classList.contains("found"));
    if (at >= 0) { choose(graph, at); graph.nodes[at].focus(); }
  });

  const isDark = () => root.classList.contains("dark") || !root.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches;
  const named = () => { theme.textContent = isDark() ? "Light" : "Dark"; theme.setAttribute("aria-pressed", "false"); };
  theme.addEventListener("click", () => {
    const dark = !isDark();
    root.classList.toggle("dark", dark);
    root.classList.toggle("light", !dark);
    named();
  });
  named();
})();
