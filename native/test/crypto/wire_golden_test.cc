// Headers, bodies and whole sealed datagrams, against the file that test/docs/wire.test.ts reads as well: it builds the
// same bytes from the tables of docs/WIRE.md, and opens what is sealed with keys that it derives by itself.
#include <doctest/doctest.h>

#include <functional>

#include "core/packet.hpp"
#include "core/token.hpp"
#include "crypto/openssl_protection.hpp"
#include "test/golden.hpp"

namespace openais {
namespace {

using Octets = std::vector<std::uint8_t>;

const Identity kSender{0xfffffffe, 0x1112131415161718, 0x2122232425262728};
const RingId kRing{1, 0xa1a2a3a4, 0xfffffffffffffffe};
constexpr std::uint64_t kCounter = 0x3132333435363738;

template <typename Header>
Octets written(const Header& header) {
  Octets bytes(Header::kSize);
  header.write(bytes.data());
  return bytes;
}

ShortHeader short_header(PacketType type) {
  return {type, 0, static_cast<std::uint32_t>(kSender.salt), static_cast<std::uint32_t>(kCounter), kRing.nonce};
}

LongHeader long_header(PacketType type) {
  return {type, 0, 0x41424344, kSender, kCounter};
}

Token token() {
  Token token;
  token.token_seq = 0x0102030405060708;
  token.seq = 0x1112131415161718;
  token.aru = 0x1112131415161700;
  token.aru_id = 3;
  token.fcc = 0x21222324;
  token.backlog = 0x31323334;
  token.window = 0x0141;
  token.slow_window = 0x51;
  token.slow_id = 4;
  token.last_sender = 5;
  token.quiet_hops = 0x6162;
  token.retransmission_flag = token.idle = true;
  token.requests = {{0x1112131415161701, 2}, {0x1112131415161710, 1}};
  return token;
}

Octets token_body() {
  Octets bytes(Token::kFixedSize + 2 * Token::kRangeSize);
  REQUIRE(write_token(bytes.data(), token()) == bytes.size());
  return bytes;
}

Octets concatenated(Octets first, const Octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Octets sealed(Cipher cipher, const Octets& header, Bytes known, const Octets& body) {
  Octets key(kGroupKeySize);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  std::string error;
  const auto protection = OpensslProtection::create({cipher, key, "bank", 0, kSender}, error);
  REQUIRE_MESSAGE(protection != nullptr, error);
  Octets datagram = header;
  datagram.resize(header.size() + body.size() + protection->tag_size());
  REQUIRE(protection->seal(kCounter, header, known, body, datagram.data() + header.size()));
  return datagram;
}

TEST_CASE("packets have the bytes on record") {
  Octets ring(16);
  Writer(ring.data()).ring_id(kRing);
  Octets probe(Probe::kSize);
  write_probe(probe.data(), {0x7172737475767778});
  Octets pong(Pong::kSize);
  write_pong(pong.data(), {0x7172737475767778, 0x81828384, 0x9192939495969798});
  const DataHeader data{0x51525354, 7, DataHeader::kSafe | DataHeader::kPostToken | (2 << 3), 0x61, 0x0102};
  const DataHeader copied{0x51525354, 7, DataHeader::kCopy | DataHeader::kRetransmission, 0x61, DataHeader::kNoStart};

  test::Blocks blocks;
  blocks.emplace_back("short header", written(ShortHeader{PacketType::kData, 3, 0x25262728, 0x35363738, 0xa1a2a3a4}));
  blocks.emplace_back("long header", written(LongHeader{PacketType::kJoin, 2, 0x41424344, kSender, kCounter}));
  blocks.emplace_back("data", written(data));
  blocks.emplace_back("recovery copy", concatenated(written(copied), written(CopyHeader{0x71727374, 9})));
  blocks.emplace_back("token", token_body());
  blocks.emplace_back("probe", probe);
  blocks.emplace_back("pong", pong);
  blocks.emplace_back("token, sealed with aes256gcm",
                      sealed(Cipher::kAes256Gcm, written(short_header(PacketType::kToken)), ring, token_body()));
  blocks.emplace_back("hold cancel, sealed with chacha20poly1305",
                      sealed(Cipher::kChacha20Poly1305, written(short_header(PacketType::kHoldCancel)), ring, {}));
  blocks.emplace_back("probe, sealed with chacha20poly1305",
                      sealed(Cipher::kChacha20Poly1305, written(long_header(PacketType::kProbe)), {}, probe));
  test::compare_with_golden("packets", blocks);
}

}  // namespace
}  // namespace openais
