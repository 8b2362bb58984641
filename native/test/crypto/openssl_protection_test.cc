#include "crypto/openssl_protection.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace openais {
namespace {

std::vector<std::uint8_t> group_key(std::uint8_t first) {
  std::vector<std::uint8_t> key(kGroupKeySize);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(first + i);
  return key;
}

const Identity kAlice{1, 7, 0x1111'2222'3333'4444};
const Identity kBob{2, 9, 0x5555'6666'7777'8888};

struct Choice {
  Cipher cipher = Cipher::kAes256Gcm;
  std::string cluster_name = "bank";
  std::uint8_t key_slot = 0;
  std::uint8_t key_first = 1;
};

std::unique_ptr<OpensslProtection> protection(const Identity& self, const Choice& choice = {}) {
  const auto key = group_key(choice.key_first);
  std::string error;
  auto made = OpensslProtection::create({choice.cipher, key, choice.cluster_name, choice.key_slot, self}, error);
  REQUIRE_MESSAGE(made != nullptr, error);
  return made;
}

struct Sealed {
  std::uint64_t counter = 1;
  std::vector<std::uint8_t> header, known, plain, text;
};

Sealed seal(OpensslProtection& from, std::uint64_t counter, std::size_t size) {
  Sealed sealed{counter, {}, {}, {}, {}};
  sealed.header.assign(13, 0x0a);
  sealed.known.assign(16, 0x0b);
  for (std::size_t i = 0; i < size; ++i) sealed.plain.push_back(static_cast<std::uint8_t>(i * 31 + 7));
  sealed.text.resize(size + from.tag_size());
  REQUIRE(from.seal(counter, sealed.header, sealed.known, sealed.plain, sealed.text.data()));
  return sealed;
}

bool opens(Opener& opener, const Sealed& sealed) {
  std::vector<std::uint8_t> plain(sealed.text.size());
  if (!opener.open(sealed.counter, sealed.header, sealed.known, sealed.text, plain.data())) return false;
  plain.resize(sealed.plain.size());
  CHECK(plain == sealed.plain);
  return true;
}

TEST_CASE("a peer opens what was sealed, of every size up to a full datagram, in place as well") {
  for (const Cipher cipher : {Cipher::kAes256Gcm, Cipher::kChacha20Poly1305}) {
    CAPTURE(cipher_name(cipher));
    const auto alice = protection(kAlice, {cipher});
    const auto opener = protection(kBob, {cipher})->opener(kAlice);  // outlives its protection
    for (std::size_t size = 0; size <= 1500; ++size) {
      const Sealed sealed = seal(*alice, size + 1, size);
      CHECK(opens(*opener, sealed));
      auto place = sealed.text;
      REQUIRE(opener->open(sealed.counter, sealed.header, sealed.known, place, place.data()));
      place.resize(size);
      CHECK(place == sealed.plain);
    }
  }
}

TEST_CASE("a change of any bit of header, known part or sealed text is refused") {
  for (const Cipher cipher : {Cipher::kAes256Gcm, Cipher::kChacha20Poly1305}) {
    CAPTURE(cipher_name(cipher));
    const auto alice = protection(kAlice, {cipher});
    const auto opener = protection(kBob, {cipher})->opener(kAlice);
    Sealed sealed = seal(*alice, 1, 100);
    for (auto* part : {&sealed.header, &sealed.known, &sealed.text}) {
      for (std::uint8_t& byte : *part) {
        for (int bit = 0; bit < 8; ++bit) {
          byte ^= static_cast<std::uint8_t>(1 << bit);
          CHECK_FALSE(opens(*opener, sealed));
          byte ^= static_cast<std::uint8_t>(1 << bit);
        }
      }
    }
    CHECK(opens(*opener, sealed));
  }
}

TEST_CASE("a packet is refused when it is cut, prolonged, or of another counter") {
  const auto alice = protection(kAlice);
  const auto opener = protection(kBob)->opener(kAlice);
  const Sealed sealed = seal(*alice, 5, 40);
  for (std::size_t size = 0; size < sealed.text.size(); ++size) {
    Sealed cut = sealed;
    cut.text.resize(size);
    CHECK_FALSE(opens(*opener, cut));
  }
  Sealed longer = sealed;
  longer.text.push_back(0);
  CHECK_FALSE(opens(*opener, longer));
  constexpr std::uint64_t kSameLowHalf = 5 + (std::uint64_t{1} << 32);
  for (const std::uint64_t counter : {std::uint64_t{0}, std::uint64_t{4}, std::uint64_t{6}, kSameLowHalf}) {
    Sealed other = sealed;
    other.counter = counter;
    CHECK_FALSE(opens(*opener, other));
  }
  CHECK(opens(*opener, sealed));
}

TEST_CASE("a packet opens only as of its own sender, incarnation, cluster, key slot, key and cipher") {
  const auto alice = protection(kAlice);
  const Sealed sealed = seal(*alice, 1, 40);
  const auto bob = protection(kBob);
  CHECK(opens(*bob->opener(kAlice), sealed));
  CHECK_FALSE(opens(*bob->opener(kBob), sealed));
  CHECK_FALSE(opens(*bob->opener({kAlice.node + 1, kAlice.incarnation, kAlice.salt}), sealed));
  CHECK_FALSE(opens(*bob->opener({kAlice.node, kAlice.incarnation + 1, kAlice.salt}), sealed));
  CHECK_FALSE(opens(*bob->opener({kAlice.node, kAlice.incarnation, kAlice.salt ^ (std::uint64_t{1} << 63)}), sealed));
  CHECK_FALSE(opens(*protection(kBob, {.cluster_name = "bank2"})->opener(kAlice), sealed));
  CHECK_FALSE(opens(*protection(kBob, {.key_slot = 1})->opener(kAlice), sealed));
  CHECK_FALSE(opens(*protection(kBob, {.key_first = 2})->opener(kAlice), sealed));
  CHECK_FALSE(opens(*protection(kBob, {.cipher = Cipher::kChacha20Poly1305})->opener(kAlice), sealed));
}

TEST_CASE("a counter that is not above the last one is not sealed with") {
  const auto alice = protection(kAlice);
  std::uint8_t out[64];
  const std::uint8_t plain[16] = {};
  CHECK_FALSE(alice->seal(0, {}, {}, plain, out));
  CHECK(alice->seal(std::uint64_t{1} << 53, {}, {}, plain, out));
  CHECK_FALSE(alice->seal(std::uint64_t{1} << 53, {}, {}, plain, out));
  CHECK_FALSE(alice->seal(7, {}, {}, plain, out));
  CHECK(alice->seal((std::uint64_t{1} << 53) + 1, {}, {}, plain, out));
}

TEST_CASE("a key of another size and a name that is too long are refused in words") {
  std::string error;
  const auto key = group_key(1);
  for (const std::size_t size : {0, 16, 127}) {
    CHECK(OpensslProtection::create({.group_key = Bytes(key).first(size), .cluster_name = "bank", .self = kAlice},
                                    error) == nullptr);
    CHECK(error == "the group key has " + std::to_string(size) + " bytes instead of 128");
  }
  CHECK(OpensslProtection::create({.group_key = key, .cluster_name = std::string(256, 'x'), .self = kAlice}, error) ==
        nullptr);
  CHECK(error == "the name of the cluster is longer than 255 bytes");
  CHECK(OpensslProtection::create({.group_key = key, .cluster_name = std::string(255, 'x'), .self = kAlice}, error));
}

// What create() says of an OpenSSL with one function replaced.
std::string verdict(const std::function<void(OpensslApi&)>& sabotage) {
  std::string error;
  OpensslApi api = *OpensslApi::find(error);
  sabotage(api);
  const auto key = group_key(1);
  const auto made = OpensslProtection::create({.group_key = key, .cluster_name = "bank", .self = kAlice}, api, error);
  return made == nullptr ? error : "accepted";
}

TEST_CASE("an OpenSSL that lets a forgery through, encrypts nothing or fails is not used") {
  const auto ends_with = [](const std::string& text, const char* end) {
    CAPTURE(text);
    CHECK(text.ends_with(end));
  };
  CHECK(verdict([](OpensslApi&) {}) == "accepted");
  ends_with(
      verdict([](OpensslApi& api) { api.decrypt_final = [](evp_cipher_ctx_st*, unsigned char*, int*) { return 1; }; }),
      "failed its self-test");
  ends_with(
      verdict([](OpensslApi& api) { api.decrypt_final = [](evp_cipher_ctx_st*, unsigned char*, int*) { return 0; }; }),
      "failed its self-test");
  ends_with(verdict([](OpensslApi& api) {
              api.encrypt_update = [](evp_cipher_ctx_st*, unsigned char* out, int*, const unsigned char* in, int size) {
                if (out != nullptr) std::copy(in, in + size, out);
                return 1;
              };
            }),
            "failed its self-test");
  ends_with(verdict([](OpensslApi& api) {
              api.encrypt_init = [](evp_cipher_ctx_st*, const evp_cipher_st*, const unsigned char*,
                                    const unsigned char*, const ossl_param_st*) { return 0; };
            }),
            "failed its self-test");
  ends_with(verdict([](OpensslApi& api) {
              api.decrypt_init = [](evp_cipher_ctx_st*, const evp_cipher_st*, const unsigned char*,
                                    const unsigned char*, const ossl_param_st*) { return 0; };
            }),
            "failed its self-test");
  ends_with(verdict([](OpensslApi& api) {
              api.cipher_fetch = [](ossl_lib_ctx_st*, const char*, const char*) {
                return static_cast<evp_cipher_st*>(nullptr);
              };
            }),
            "is not available");
  ends_with(verdict([](OpensslApi& api) {
              api.hmac = [](const evp_md_st*, const void*, int, const unsigned char*, std::size_t, unsigned char*,
                            unsigned int*) { return static_cast<unsigned char*>(nullptr); };
            }),
            "failed");
}

}  // namespace
}  // namespace openais
