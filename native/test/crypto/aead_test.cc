#include "crypto/aead.hpp"

#include <doctest/doctest.h>

#include <cstring>

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

struct Vector {
  const char* name;
  Cipher cipher;
  std::string key, nonce, associated, plain, sealed;
};

// Published nonces are whole: the counter is 0, so that the IV is the nonce.
const Vector kVectors[] = {
    {"GCM specification, test case 13", Cipher::kAes256Gcm,
     "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"GCM specification, test case 14", Cipher::kAes256Gcm,
     "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"GCM specification, test case 16", Cipher::kAes256Gcm,
     "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
     "ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
     "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    {"RFC 8439, 2.8.2", Cipher::kChacha20Poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f6666"
     "657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069"
     "742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b29"
     "05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b"
     "61161ae10b594f09e26a7e902ecbd0600691"},
};

PacketKey packet_key(const std::string& key, const std::string& iv) {
  PacketKey result;
  std::memcpy(result.key.data(), from_hex(key).data(), kPacketKeySize);
  std::memcpy(result.iv.data(), from_hex(iv).data(), kPacketIvSize);
  return result;
}

TEST_CASE("sealing gives the published answers, wherever the associated bytes are cut in two") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.name);
    const FetchedCipher cipher(api(), vector.cipher);
    REQUIRE(cipher.ok());
    const PacketKey key = packet_key(vector.key, vector.nonce);
    Sealing sealing(cipher, key);
    Opening opening(cipher, key);
    const auto associated = from_hex(vector.associated);
    const auto plain = from_hex(vector.plain);
    for (std::size_t cut = 0; cut <= associated.size(); ++cut) {
      const Associated parts{Bytes(associated).first(cut), Bytes(associated).subspan(cut)};
      std::vector<std::uint8_t> sealed(plain.size() + kTagSize);
      REQUIRE(sealing.seal(0, parts, plain, sealed.data()));
      CHECK(to_hex(sealed) == vector.sealed);
      std::vector<std::uint8_t> opened(plain.size());
      REQUIRE(opening.open(0, parts, sealed, opened.data()));
      CHECK(opened == plain);
    }
  }
}

TEST_CASE("the nonce is the IV xor the whole counter, big-endian, in its last eight bytes") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.name);
    const std::uint64_t counter = 0x0102'0304'0506'0708;
    auto iv = from_hex(vector.nonce);
    for (std::size_t i = 0; i < 8; ++i) iv[4 + i] ^= static_cast<std::uint8_t>(i + 1);
    const FetchedCipher cipher(api(), vector.cipher);
    Sealing sealing(cipher, packet_key(vector.key, to_hex(iv)));
    const auto associated = from_hex(vector.associated);
    const auto plain = from_hex(vector.plain);
    std::vector<std::uint8_t> sealed(plain.size() + kTagSize);
    REQUIRE(sealing.seal(counter, {associated, {}}, plain, sealed.data()));
    CHECK(to_hex(sealed) == vector.sealed);
  }
}

TEST_CASE("a refused packet leaves zeros, and the context opens the next one") {
  const Vector& vector = kVectors[2];
  const FetchedCipher cipher(api(), vector.cipher);
  Opening opening(cipher, packet_key(vector.key, vector.nonce));
  const auto associated = from_hex(vector.associated);
  const auto good = from_hex(vector.sealed);
  auto bad = good;
  bad.back() ^= 1;
  std::vector<std::uint8_t> opened(good.size() - kTagSize, 0xff);
  CHECK_FALSE(opening.open(0, {associated, {}}, bad, opened.data()));
  CHECK(opened == std::vector<std::uint8_t>(opened.size(), 0));
  CHECK(opening.open(0, {associated, {}}, good, opened.data()));
  CHECK(to_hex(opened) == vector.plain);
}

TEST_CASE("what is shorter than a tag is refused, and so is what no datagram holds") {
  const FetchedCipher cipher(api(), Cipher::kAes256Gcm);
  Opening opening(cipher, PacketKey{});
  Sealing sealing(cipher, PacketKey{});
  const std::vector<std::uint8_t> bytes(70000);
  std::vector<std::uint8_t> out(70100);
  for (std::size_t size = 0; size < kTagSize; ++size)
    CHECK_FALSE(opening.open(0, {}, Bytes(bytes).first(size), out.data()));
  CHECK_FALSE(opening.open(0, {}, bytes, out.data()));
  CHECK_FALSE(sealing.seal(0, {}, bytes, out.data()));
}

TEST_CASE("without memory for a context, everything fails and nothing breaks") {
  OpensslApi poor = api();
  poor.context_new = [] { return static_cast<evp_cipher_ctx_st*>(nullptr); };
  const FetchedCipher cipher(poor, Cipher::kAes256Gcm);
  Sealing sealing(cipher, PacketKey{});
  Opening opening(cipher, PacketKey{});
  CHECK_FALSE(sealing.ok());
  CHECK_FALSE(opening.ok());
  std::uint8_t bytes[64] = {};
  CHECK_FALSE(sealing.seal(0, {}, Bytes(bytes, 16), bytes));
  CHECK_FALSE(opening.open(0, {}, bytes, bytes));
}

}  // namespace
}  // namespace openais
