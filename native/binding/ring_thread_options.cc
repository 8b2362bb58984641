#include "binding/ring_thread_options.hpp"

#include "binding/engine_options.hpp"
#include "core/limits.hpp"

namespace openais {
namespace {

constexpr std::uint64_t kMaxU32 = 0xffff'ffff;
constexpr std::size_t kMinEventBytes = std::size_t{1} << 16;
constexpr std::size_t kMinMessageBytes = std::size_t{1} << 12;
constexpr std::size_t kMaxAddressText = 64;
constexpr std::size_t kMaxPathText = 4096;
constexpr std::size_t kMaxNodes = kMaxJoinEntries;
constexpr std::uint64_t kMaxTraceBytes = std::uint64_t{1} << 36;

bool is_undefined(ValueReader& reader, napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(reader.env(), value, &type);
  return type == napi_undefined;
}

// Calls `read` with each element.
template <typename Read>
void for_each_element(ValueReader& reader, napi_value array, const char* name, std::uint32_t max, const Read& read) {
  bool is_array = false;
  std::uint32_t count = 0;
  if (!reader.ok()) return;
  napi_is_array(reader.env(), array, &is_array);
  if (is_array) napi_get_array_length(reader.env(), array, &count);
  if (!is_array || count > max) return reader.fail(name, "an array of at most " + std::to_string(max));
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    napi_value element = nullptr;
    if (napi_get_element(reader.env(), array, i, &element) != napi_ok) return reader.fail(name, "an array");
    read(element);
  }
}

Endpoint read_address(ValueReader& reader, napi_value value, const char* name, std::uint16_t port) {
  Endpoint endpoint;
  const std::string text = reader.text(value, name, kMaxAddressText);
  if (reader.ok() && !parse_address(text, endpoint)) reader.fail(name, "a numeric address, not '" + text + "'");
  return with_port(endpoint, port);
}

LinkConfig read_link(ValueReader& reader, napi_value options, Transport transport) {
  Fields fields(reader, options, "link");
  LinkConfig link;
  // Tokens use the port below.
  const auto port = static_cast<std::uint16_t>(fields.integer("port", 2, 65535));
  link.data = read_address(reader, fields.value("address"), "address", port);
  if (transport == Transport::kUnicast) return link;
  link.group = read_address(reader, fields.value("group"), "group", port);
  link.ttl = static_cast<std::uint8_t>(fields.integer("ttl", 0, 255));
  return link;
}

// Where a node receives data, for each link.
void read_node(ValueReader& reader, napi_value options, RingThreadConfig& config) {
  Fields fields(reader, options, "node");
  const bool is_self = fields.integer("node", 1, kMaxU32) == config.engine.self.node;
  std::size_t at = 0;
  for_each_element(reader, fields.value("addresses"), "addresses", kMaxLinks, [&](napi_value address) {
    if (at == config.links.size()) return reader.fail("addresses", "one for each link");
    LinkConfig& link = config.links[at++];
    const Endpoint receiver = read_address(reader, address, "addresses", link.data.port);
    if (!is_self) link.receivers.push_back(receiver);
  });
  if (reader.ok() && at != config.links.size()) reader.fail("addresses", "one for each link");
}

void read_sockets(ValueReader& reader, Fields fields, RingThreadConfig& config) {
  const std::string transport = fields.text("transport", 16);
  if (reader.ok() && transport != "udp" && transport != "udpu") reader.fail("transport", "'udp' or 'udpu'");
  config.transport = transport == "udpu" ? Transport::kUnicast : Transport::kMulticast;
  const napi_value offload = fields.value("offload");
  if (!is_undefined(reader, offload)) config.offload = reader.boolean(offload, "offload");
  for_each_element(reader, fields.value("links"), "links", kMaxLinks,
                   [&](napi_value link) { config.links.push_back(read_link(reader, link, config.transport)); });
  if (reader.ok() && config.links.size() != config.engine.links) reader.fail("links", "as many as 'links' says");
  if (config.transport == Transport::kMulticast) return;
  for_each_element(reader, fields.value("nodes"), "nodes", kMaxNodes,
                   [&](napi_value node) { read_node(reader, node, config); });
}

}  // namespace

RingThreadConfig read_ring_thread_config(ValueReader& reader, napi_value options) {
  RingThreadConfig config;
  config.engine = read_engine_config(reader, options);
  config.sizes.event_bytes = read_ring_bytes(reader, options, "eventBytes", kMinEventBytes);
  config.sizes.delivery_bytes = read_ring_bytes(reader, options, "deliveryBytes", kMinMessageBytes);
  config.sizes.submit_bytes = read_ring_bytes(reader, options, "submitBytes", kMinMessageBytes);
  Fields fields(reader, options, "options");
  config.realtime = fields.boolean("realtime");
  read_sockets(reader, fields.object("sockets"), config);
  const napi_value path = fields.value("tracePath");
  if (!reader.ok() || is_undefined(reader, path)) return config;
  config.trace_path = reader.text(path, "tracePath", kMaxPathText);
  config.trace_bytes = fields.integer("traceBytes", 2 * sizeof(TraceRecord), kMaxTraceBytes);
  return config;
}

}  // namespace openais
