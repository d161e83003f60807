// A map without tiles: regions as areas, facilities as markers in clusters, all reachable by keyboard, in step with the list beside it.
const CHOSEN = "is-chosen";

// Leaflet would read a string as HTML: names come from registers, so they only ever enter as text.
function plain(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

function pin(L, facility) {
  return L.divIcon({ className: facility.quiet ? "pin is-quiet" : "pin", html: plain(facility.letter || ""), iconSize: [28, 28] });
}

function bubble(facility, words) {
  const box = document.createElement("div");
  const name = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = facility.name;
  name.append(strong);
  box.append(name);
  if (facility.note) {
    const note = document.createElement("p");
    note.textContent = facility.note;
    box.append(note);
  }
  if (facility.url) {
    const way = document.createElement("p");
    const link = document.createElement("a");
    link.href = facility.url;
    link.textContent = words.wordOpen;
    way.append(link);
    box.append(way);
  }
  return box;
}

function rowOf(list, code) {
  return list.querySelector(`li[data-code="${CSS.escape(code)}"]`);
}

// Marks one facility in the list and on the map; the list scrolls only inside its own box.
function choose(list, markers, code, scroll) {
  for (const row of list.querySelectorAll(`.${CHOSEN}`)) row.classList.remove(CHOSEN);
  for (const marker of markers.values()) marker.getElement()?.classList.remove(CHOSEN);
  markers.get(code)?.getElement()?.classList.add(CHOSEN);
  const row = rowOf(list, code);
  if (!row) return;
  row.classList.add(CHOSEN);
  if (scroll) list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 3;
}

function drawRegions(L, map, regions, words) {
  return L.geoJSON(regions, {
    style: () => ({ className: "map-region" }),
    onEachFeature(feature, layer) {
      const { name, url, code } = feature.properties;
      layer.on("add", () => {
        const path = layer.getElement();
        path.setAttribute("aria-label", name);
        path.setAttribute("role", url ? "link" : "img");
        if (code && code === words.chosen) path.classList.add(CHOSEN);
        if (!url) return;
        path.setAttribute("tabindex", "0");
        path.addEventListener("keydown", (event) => {
          if (event.key === "Enter") location.assign(url);
        });
      });
      if (url) layer.on("click", () => location.assign(url));
      layer.bindTooltip(() => plain(name), { sticky: true });
    },
  }).addTo(map);
}

function drawPoints(L, map, points, list, words) {
  const markers = new Map();
  const clusters = L.markerClusterGroup({
    showCoverageOnHover: false,
    animate: false,
    maxClusterRadius: 48,
    iconCreateFunction(cluster) {
      return L.divIcon({ className: "cluster", html: plain(cluster.getChildCount()), iconSize: [40, 40] });
    },
  });
  for (const feature of points.features) {
    const facility = feature.properties;
    const [east, north] = feature.geometry.coordinates;
    const marker = L.marker([north, east], { icon: pin(L, facility), alt: facility.name, keyboard: true, riseOnHover: true });
    marker.bindPopup(() => bubble(facility, words), { closeButton: true });
    marker.on("add", () => {
      const element = marker.getElement();
      if (!element) return;
      element.setAttribute("aria-label", facility.note ? `${facility.name}, ${facility.note}` : facility.name);
      element.addEventListener("focus", () => choose(list, markers, facility.code, true));
    });
    marker.on("click", () => choose(list, markers, facility.code, true));
    // Opened by Enter, the link inside is wanted next; closed again, the marker gets the focus back.
    let byKey = false;
    marker.on("popupopen", (event) => {
      const popup = event.popup.getElement();
      popup.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", words.wordClose);
      byKey = document.activeElement === marker.getElement();
      if (byKey) popup.querySelector("p a")?.focus();
    });
    marker.on("popupclose", () => byKey && marker.getElement()?.focus());
    markers.set(facility.code, marker);
    clusters.addLayer(marker);
  }
  map.addLayer(clusters);
  return { markers, clusters };
}

// Clusters are markers the plug-in makes itself: give them a name and keep it when they are made anew.
function nameClusters(map, words) {
  const name = () => {
    for (const element of map.getContainer().querySelectorAll(".leaflet-marker-icon.cluster")) {
      element.setAttribute("role", "button");
      element.setAttribute("aria-label", words.wordGroup.replace("{count}", element.textContent));
    }
  };
  map.on("moveend zoomend layeradd", name);
  name();
}

// Leaflet hears keys only while the map itself has the focus; in a bubble the focus is on its link.
function wireEscape(map) {
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
}

function wireList(list, map, markers, clusters) {
  const show = (event) => {
    const row = event.target.closest("li[data-code]");
    const marker = row && markers.get(row.dataset.code);
    if (!marker) return;
    choose(list, markers, row.dataset.code, false);
    if (event.type === "focusin") clusters.zoomToShowLayer(marker, () => choose(list, markers, row.dataset.code, false));
  };
  list.addEventListener("focusin", show);
  list.addEventListener("pointerover", show);
}

// A phone between two cells, a server that restarts: ask again before saying that there is no map.
const PAUSES = [500, 2000];

async function geojson(url) {
  if (!url) return { type: "FeatureCollection", features: [] };
  for (const pause of [...PAUSES, null]) {
    const answer = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } }).catch(() => null);
    if (answer?.ok) return answer.json();
    if (pause === null || (answer && answer.status < 500)) break;
    await new Promise((next) => setTimeout(next, pause));
  }
  throw new Error(url);
}

// Leaflet comes in scripts of its own: on a slow line they are still on their way when this one begins.
async function leaflet() {
  if (!window.L?.markerClusterGroup && document.readyState !== "complete") {
    await new Promise((next) => addEventListener("load", next, { once: true }));
  }
  return window.L;
}

async function draw(box) {
  const words = box.dataset;
  const list = box.querySelector("[data-map-list]");
  try {
    const [L, regions, points] = await Promise.all([leaflet(), geojson(words.regions), geojson(words.points)]);
    const map = L.map(box.querySelector("[data-map-canvas]"), {
      zoomControl: false,
      attributionControl: false,
      zoomAnimation: false,
      fadeAnimation: false,
      markerZoomAnimation: false,
      inertia: false,
      maxZoom: 18,
    });
    L.control.zoom({ zoomInTitle: words.wordIn, zoomOutTitle: words.wordOut }).addTo(map);
    const areas = drawRegions(L, map, regions, words);
    const { markers, clusters } = drawPoints(L, map, points, list, words);
    const bounds = areas.getLayers().length ? areas.getBounds() : clusters.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [8, 8] });
    else map.setView([36.5, 127.8], 6);
    nameClusters(map, words);
    wireEscape(map);
    wireList(list, map, markers, clusters);
    box.dataset.ready = "";
  } catch (error) {
    console.warn(`The map failed: ${error.stack}`);
    box.querySelector("[data-map-note]").textContent = words.wordFailed;
  }
}

export function start() {
  for (const box of document.querySelectorAll("[data-map]:not([data-drawn])")) {
    box.dataset.drawn = "";
    draw(box);
  }
}
