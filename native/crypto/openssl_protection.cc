#include "crypto/openssl_protection.hpp"

#include <algorithm>
#include <array>

namespace openais {

bool OpensslProtection::Group::derive(const Identity& sender, PacketKey& key) const {
  return derive_packet_key(fetched.api(), extracted, {cipher_name(cipher), cluster_name, key_slot, sender}, key);
}

class OpensslProtection::PeerOpener : public Opener {
 public:
  PeerOpener(std::shared_ptr<const Group> group, const PacketKey& key)
      : group_(std::move(group)), opening_(group_->fetched, key) {}

  bool open(std::uint64_t counter, Bytes header, Bytes known, Bytes sealed, std::uint8_t* plain) override {
    return opening_.open(counter, {header, known}, sealed, plain);
  }

 private:
  std::shared_ptr<const Group> group_;
  Opening opening_;
};

OpensslProtection::OpensslProtection(std::shared_ptr<const Group> group, const PacketKey& own)
    : group_(std::move(group)), sealing_(group_->fetched, own) {}

std::unique_ptr<OpensslProtection> OpensslProtection::create(const Config& config, std::string& error) {
  const OpensslApi* const api = OpensslApi::find(error);
  return api == nullptr ? nullptr : create(config, *api, error);
}

std::unique_ptr<OpensslProtection> OpensslProtection::create(const Config& config, const OpensslApi& api,
                                                             std::string& error) {
  if (config.group_key.size() != kGroupKeySize) {
    error = "the group key has " + std::to_string(config.group_key.size()) + " bytes instead of " +
            std::to_string(kGroupKeySize);
    return nullptr;
  }
  if (config.cluster_name.size() > kMaxClusterName) {
    error = "the name of the cluster is longer than " + std::to_string(kMaxClusterName) + " bytes";
    return nullptr;
  }
  const auto group = std::make_shared<Group>(api, config.cipher);
  group->cluster_name = config.cluster_name;
  group->key_slot = config.key_slot;
  const std::string where = std::string(cipher_name(config.cipher)) + " of " + api.version(0);
  if (!group->fetched.ok()) {
    error = where + " is not available";
    return nullptr;
  }
  PacketKey own;
  if (!hkdf_extract(api, {}, config.group_key, group->extracted) || !group->derive(config.self, own)) {
    error = "HKDF-SHA256 of " + std::string(api.version(0)) + " failed";
    return nullptr;
  }
  std::unique_ptr<OpensslProtection> protection(new OpensslProtection(group, own));
  if (!protection->sealing_.ok() || !self_test(*group)) {
    error = where + " failed its self-test";
    return nullptr;
  }
  return protection;
}

// A key that was not set up made everything authentic once (CVE-2013-0250): so before the first packet of anyone, one
// is sealed and opened, and its forgeries are refused. Under the key of node 0, which nobody is, so that no sender's
// nonce is spent.
bool OpensslProtection::self_test(const Group& group) {
  PacketKey key;
  if (!group.derive(Identity{}, key)) return false;
  Sealing sealing(group.fetched, key);
  Opening opening(group.fetched, key);
  constexpr std::uint64_t kCounter = 1;
  std::array<std::uint8_t, 13> header{1, 2, 3};
  std::array<std::uint8_t, 16> known{4, 5, 6};
  const std::array<std::uint8_t, 64> plain{7, 8, 9};
  std::array<std::uint8_t, 64 + kTagSize> sealed{};
  std::array<std::uint8_t, 64> opened{};
  const auto opens = [&](std::uint64_t counter) {
    return opening.open(counter, {header, known}, sealed, opened.data());
  };
  const auto refuses_flipped = [&](std::uint8_t& byte) {
    byte ^= 0x10;
    const bool refused = !opens(kCounter);
    byte ^= 0x10;
    return refused;
  };
  if (!sealing.seal(kCounter, {header, known}, plain, sealed.data())) return false;
  if (std::equal(plain.begin(), plain.end(), sealed.begin())) return false;
  if (!refuses_flipped(header.back()) || !refuses_flipped(known.back())) return false;
  if (!refuses_flipped(sealed.front()) || !refuses_flipped(sealed.back())) return false;
  if (opens(kCounter + 1)) return false;
  return opens(kCounter) && opened == plain;
}

bool OpensslProtection::seal(std::uint64_t counter, Bytes header, Bytes known, Bytes plain, std::uint8_t* out) {
  if (counter <= last_counter_) return false;
  last_counter_ = counter;
  return sealing_.seal(counter, {header, known}, plain, out);
}

std::unique_ptr<Opener> OpensslProtection::opener(const Identity& sender) {
  PacketKey key;
  if (group_->derive(sender, key)) return std::make_unique<PeerOpener>(group_, key);
  class ClosedOpener : public Opener {
    bool open(std::uint64_t, Bytes, Bytes, Bytes, std::uint8_t*) override { return false; }
  };
  return std::make_unique<ClosedOpener>();
}

}  // namespace openais
