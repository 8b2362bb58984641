// Packets sealed with AES-256-GCM or ChaCha20-Poly1305, by the OpenSSL of this process (totem 4.2).
#pragma once

#include <memory>
#include <string>

#include "core/protection.hpp"
#include "crypto/aead.hpp"

namespace openais {

class OpensslProtection : public Protection {
 public:
  struct Config {
    Cipher cipher = Cipher::kAes256Gcm;
    Bytes group_key;           // kGroupKeySize bytes; not kept
    std::string cluster_name;  // at most kMaxClusterName bytes
    std::uint8_t key_slot = 0;
    Identity self;
  };

  // Null: `error` says why, in words for the operator. Else it has opened what it sealed, and refused a forgery.
  static std::unique_ptr<OpensslProtection> create(const Config& config, std::string& error);
  // With an OpenSSL of the caller's choice, which has to outlive what is returned.
  static std::unique_ptr<OpensslProtection> create(const Config& config, const OpensslApi& api, std::string& error);

  std::size_t tag_size() const override { return kTagSize; }
  // Refuses a counter that is not above the last one: a nonce used twice would give the key away.
  bool seal(std::uint64_t counter, Bytes header, Bytes known, Bytes plain, std::uint8_t* out) override;
  // Out of memory: one that opens nothing.
  std::unique_ptr<Opener> opener(const Identity& sender) override;

 private:
  // The cipher, and what the keys of all senders are derived from. Openers share it and may outlive the protection.
  struct Group {
    Group(const OpensslApi& api, Cipher cipher) : fetched(api, cipher), cipher(cipher) {}
    bool derive(const Identity& sender, PacketKey& key) const;

    FetchedCipher fetched;
    Cipher cipher;
    std::string cluster_name;
    std::uint8_t key_slot = 0;
    ExtractedKey extracted;
  };
  class PeerOpener;

  OpensslProtection(std::shared_ptr<const Group> group, const PacketKey& own);
  static bool self_test(const Group& group);

  std::shared_ptr<const Group> group_;
  Sealing sealing_;
  std::uint64_t last_counter_ = 0;
};

}  // namespace openais
