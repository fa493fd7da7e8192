// What is trained now: the data, the network and the settings, with those of a new training that is on its way.

/** Settings that mean something only with another one. */
const NEEDS = {
  batch_seed: (settings) => settings.batch_size !== null,
  dropout_seed: (settings) => settings.dropout > 0,
};

/**
 * The data's name, the layers, their activation and the settings.
 *
 * @returns {{data: string, layers: number[], hidden: string | string[], settings: object}} `hidden` is a list where
 *   the layers' activations differ.
 */
export function presentOf({ opened, told, opening }) {
  const present = {
    data: opened.data.name,
    layers: opened.layers ?? opened.network.layer_dims.slice(1, -1),
    hidden: one(opened.hidden ?? opened.network.activations),
    settings: { ...opened.settings, ...told?.settings },
  };
  if (!opening) return present;
  const { data, layers, hidden, settings } = opening;
  const known = opensOtherData({ opened, opening }) ? { settings: {} } : present;
  return {
    data: data ?? present.data,
    layers: layers ?? known.layers,
    hidden: hidden ?? known.hidden,
    settings: { ...known.settings, ...settings },
  };
}

/** Whether other data are on their way, whose network and settings are not known yet. */
export function opensOtherData({ opened, opening }) {
  return Boolean(opening?.data) && opening.data !== opened.data.name;
}

/** One name in place of a list of the same ones. */
function one(names) {
  return Array.isArray(names) && new Set(names).size === 1 ? names[0] : names;
}

/** Whether a setting means something beside the others. */
export function belongs(fact, name, values) {
  if (NEEDS[name] && !NEEDS[name](values)) return false;
  const to = fact?.belongs;
  return !to || to.values.includes(values[to.to]);
}
