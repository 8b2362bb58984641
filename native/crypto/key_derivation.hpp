// Keys from keys: HKDF-SHA256 (RFC 5869), and what the group's key becomes for one sender.
//
//   prk  = Extract(salt = none, group key)
//   okm  = Expand(prk, info, 44)         44 = key of 32 bytes, then IV of 12
//   info = "openais packet v1 " cipher name, 0, u16 length and bytes of the cluster's name, u8 key slot,
//          u32 node, u64 incarnation, u64 salt               (little-endian)
//
// So no two senders, incarnations, clusters, key slots or ciphers share a key, and a counter per incarnation suffices
// as nonce.
#pragma once

#include <string_view>

#include "core/types.hpp"
#include "crypto/openssl_api.hpp"
#include "crypto/secret.hpp"

namespace openais {

constexpr std::size_t kGroupKeySize = 128;
constexpr std::size_t kMaxClusterName = 255;  // bytes
constexpr std::size_t kHashSize = 32;
constexpr std::size_t kPacketKeySize = 32;
constexpr std::size_t kPacketIvSize = 12;

using ExtractedKey = Secret<kHashSize>;

struct PacketKey {
  Secret<kPacketKeySize> key;
  Secret<kPacketIvSize> iv;
};

// What distinguishes the keys that come from one group key.
struct KeyPurpose {
  std::string_view cipher;
  std::string_view cluster_name;  // REQUIRES at most kMaxClusterName bytes
  std::uint8_t key_slot = 0;
  Identity sender;
};

bool hkdf_extract(const OpensslApi& api, Bytes salt, Bytes key, ExtractedKey& out);
// REQUIRES out.size() at most 255 hashes.
bool hkdf_expand(const OpensslApi& api, const ExtractedKey& extracted, Bytes info, MutableBytes out);
bool derive_packet_key(const OpensslApi& api, const ExtractedKey& extracted, const KeyPurpose& purpose, PacketKey& out);

}  // namespace openais
