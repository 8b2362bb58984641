#include "crypto/key_derivation.hpp"

#include <doctest/doctest.h>

#include <set>

#include "test/hex.hpp"

namespace openais {
namespace {

using test::from_hex;
using test::to_hex;

const OpensslApi& api() {
  std::string error;
  const OpensslApi* const found = OpensslApi::find(error);
  REQUIRE_MESSAGE(found != nullptr, error);
  return *found;
}

struct Rfc5869 {
  const char* name;
  std::vector<std::uint8_t> key, salt, info;
  std::string extracted, expanded;
};

std::vector<std::uint8_t> ascending(std::uint8_t first, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

TEST_CASE("HKDF-SHA256 gives the answers of RFC 5869") {
  const Rfc5869 vectors[] = {
      {"A.1", std::vector<std::uint8_t>(22, 0x0b), ascending(0x00, 13), ascending(0xf0, 10),
       "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {"A.2", ascending(0x00, 80), ascending(0x60, 80), ascending(0xb0, 80),
       "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
       "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {"A.3",
       std::vector<std::uint8_t>(22, 0x0b),
       {},
       {},
       "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  };
  for (const Rfc5869& vector : vectors) {
    CAPTURE(vector.name);
    ExtractedKey extracted;
    REQUIRE(hkdf_extract(api(), vector.salt, vector.key, extracted));
    CHECK(to_hex(Bytes(extracted.data(), extracted.size())) == vector.extracted);
    std::vector<std::uint8_t> expanded(vector.expanded.size() / 2);
    REQUIRE(hkdf_expand(api(), extracted, vector.info, expanded));
    CHECK(to_hex(expanded) == vector.expanded);
  }
}

TEST_CASE("the key of a packet depends on each part of its purpose, and on nothing else") {
  ExtractedKey extracted;
  REQUIRE(hkdf_extract(api(), {}, ascending(1, kGroupKeySize), extracted));
  const auto derive = [&](const KeyPurpose& purpose) {
    PacketKey key;
    REQUIRE(derive_packet_key(api(), extracted, purpose, key));
    return to_hex(Bytes(key.key.data(), key.key.size())) + to_hex(Bytes(key.iv.data(), key.iv.size()));
  };
  const KeyPurpose base{"AES-256-GCM", "bank", 0, {1, 2, 3}};
  CHECK(derive(base) == derive(base));
  const std::set<std::string> keys{
      derive(base),
      derive({"ChaCha20-Poly1305", "bank", 0, {1, 2, 3}}),
      derive({"AES-256-GCM", "bank2", 0, {1, 2, 3}}),
      derive({"AES-256-GCM", "", 0, {1, 2, 3}}),
      derive({"AES-256-GCM", "bank", 1, {1, 2, 3}}),
      derive({"AES-256-GCM", "bank", 0, {2, 2, 3}}),
      derive({"AES-256-GCM", "bank", 0, {1, 3, 3}}),
      derive({"AES-256-GCM", "bank", 0, {1, 2, 4}}),
      // The same bytes, cut elsewhere.
      derive({"AES-256-GCM", std::string_view("bank\0", 5), 1, {1, 2, 3}}),
  };
  CHECK(keys.size() == 9);
}

TEST_CASE("a secret leaves zeros behind") {
  alignas(Secret<32>) std::uint8_t memory[sizeof(Secret<32>)];
  auto* const secret = new (memory) Secret<32>;
  for (std::size_t i = 0; i < 32; ++i) secret->data()[i] = 0xa5;
  secret->~Secret<32>();
  const volatile std::uint8_t* const left = memory;
  for (std::size_t i = 0; i < sizeof memory; ++i) CHECK(left[i] == 0);
}

}  // namespace
}  // namespace openais
