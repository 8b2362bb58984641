#include "binding/engine_options.hpp"

#include <bit>

#include "core/limits.hpp"
#include "core/plain_protection.hpp"
#include "crypto/openssl_protection.hpp"

namespace openais {
namespace {

constexpr std::uint64_t kMaxU32 = 0xffff'ffff;
constexpr std::size_t kMaxLinks = 8;  // bits of a LinkMask
constexpr std::size_t kMaxStorePackets = std::size_t{1} << 16;
constexpr std::size_t kMaxRingBytes = std::size_t{1} << 28;

std::size_t power_of_two(ValueReader& reader, napi_value value, const char* name, std::size_t min, std::size_t max) {
  const std::uint64_t number = reader.integer(value, name, min, max);
  if (reader.ok() && !std::has_single_bit(number)) reader.fail(name, "a power of two");
  return static_cast<std::size_t>(number);
}

EngineTimers read_timers(Fields fields) {
  EngineTimers timers;
  timers.token_loss = fields.time("tokenLoss");
  timers.hold = fields.time("hold");
  timers.idle_retransmit = fields.time("idleRetransmit");
  timers.retransmit_min = fields.time("retransmitMin");
  timers.retransmit_max = fields.time("retransmitMax");
  timers.fail_to_receive = fields.time("failToReceive");
  timers.slow_consumer = fields.time("slowConsumer");
  timers.pause = fields.time("pause");
  timers.silence = fields.time("silence");
  return timers;
}

Identity read_identity(Fields fields) {
  Identity identity;
  identity.node = static_cast<NodeId>(fields.integer("node", 1, kMaxU32));
  identity.incarnation = fields.bigint("incarnation");
  identity.salt = fields.bigint("salt");
  return identity;
}

std::array<std::uint64_t, 4> read_seed(ValueReader& reader, napi_value value) {
  std::array<std::uint64_t, 4> seed{};
  if (!reader.ok()) return seed;
  bool is_typed = false;
  napi_is_typedarray(reader.env(), value, &is_typed);
  napi_typedarray_type type = napi_int8_array;
  std::size_t count = 0;
  void* data = nullptr;
  if (is_typed) napi_get_typedarray_info(reader.env(), value, &type, &count, &data, nullptr, nullptr);
  if (type != napi_biguint64_array || count != seed.size()) {
    reader.fail("randomSeed", "a BigUint64Array of 4");
    return seed;
  }
  std::memcpy(seed.data(), data, sizeof seed);
  return seed;
}

}  // namespace

EngineConfig read_engine_config(ValueReader& reader, napi_value options) {
  Fields fields(reader, options, "options");
  EngineConfig config;
  config.self = read_identity(fields.object("self"));
  config.cluster_tag = static_cast<std::uint32_t>(fields.integer("clusterTag", 0, kMaxU32));
  config.datagram_size = fields.integer("datagramSize", kMinDatagram, kMaxDatagram);
  config.links = static_cast<std::uint8_t>(fields.integer("links", 1, kMaxLinks));
  config.timers = read_timers(fields.object("timers"));
  config.per_visit = static_cast<std::uint16_t>(fields.integer("perVisit", 0, kMaxWindow));
  config.store_packets = power_of_two(reader, fields.value("storePackets"), "storePackets", 16, kMaxStorePackets);
  config.random_seed = read_seed(reader, fields.value("randomSeed"));
  config.first_seq = fields.bigint("firstSeq");
  config.first_token_seq = fields.bigint("firstTokenSeq");
  config.first_counter = fields.bigint("firstCounter");
  // Counter 0 is never new to a replay window, and packets are numbered from 1.
  if (reader.ok() && config.first_counter == 0) reader.fail("firstCounter", "at least 1n");
  if (reader.ok() && config.first_seq == 0) reader.fail("firstSeq", "at least 1n");
  return config;
}

std::unique_ptr<Protection> read_protection(ValueReader& reader, napi_value options, const EngineConfig& config) {
  Fields fields = Fields(reader, options, "options").object("protection");
  const std::string cipher = fields.text("cipher", 32);
  if (!reader.ok()) return nullptr;
  if (cipher == "none") return std::make_unique<PlainProtection>();

  OpensslProtection::Config protection;
  protection.self = config.self;
  protection.key_slot = config.key_slot;
  if (cipher == "aes256gcm") {
    protection.cipher = Cipher::kAes256Gcm;
  } else if (cipher == "chacha20poly1305") {
    protection.cipher = Cipher::kChacha20Poly1305;
  } else {
    reader.fail("cipher", "'none', 'aes256gcm' or 'chacha20poly1305'");
    return nullptr;
  }
  protection.cluster_name = fields.text("clusterName", kMaxClusterName);
  // Read last: no getter runs between here and the use of its memory.
  protection.group_key = fields.bytes("key", kGroupKeySize, kGroupKeySize);
  if (!reader.ok()) return nullptr;
  std::string error;
  auto made = OpensslProtection::create(protection, error);
  if (made == nullptr) reader.fail_as("AIS_ERR_NATIVE_UNAVAILABLE", error);
  return made;
}

std::size_t read_ring_bytes(ValueReader& reader, napi_value options, const char* name, std::size_t min) {
  return power_of_two(reader, reader.property(options, name), name, min, kMaxRingBytes);
}

}  // namespace openais
