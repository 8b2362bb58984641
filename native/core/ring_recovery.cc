// Recovery, the part that touches bytes and counts visits (totem 1.13, A1, A2): copies of the old ring's packets travel
// as packets of the new one, until everybody is known to have everything.
#include <algorithm>

#include "ring.hpp"

namespace openais {

void Ring::begin_recovery(Ring* old, std::uint64_t low_aru, bool copy, std::vector<bool> shares_old) {
  old_ = old;
  shares_old_ = std::move(shares_old);
  copies_.clear();
  if (old == nullptr) return;
  const Store& store = old->store();
  std::vector<std::uint64_t> held;
  for (std::uint64_t seq = std::max(low_aru, store.base()) + 1; copy && seq <= store.high(); ++seq) {
    if (Packet* packet = store.get(seq)) {
      packet->copied = false;
      held.push_back(seq);
    }
  }
  // Copies that came before this ring was told whose they are. They are acknowledged already: nobody sends them again.
  for (std::uint64_t seq = store_.base() + 1; seq <= store_.high(); ++seq)
    if (const Packet* packet = store_.get(seq)) decapsulate(*packet);
  // Each starts elsewhere, so that those who hold the same share the work: what another has copied is not copied again.
  const std::size_t start = held.empty() ? 0 : held.size() * setup_.self / size();
  copies_.assign(held.begin() + static_cast<std::ptrdiff_t>(start), held.end());
  copies_.insert(copies_.end(), held.begin(), held.begin() + static_cast<std::ptrdiff_t>(start));
}

void Ring::prune_copies() {
  while (!copies_.empty()) {
    const Packet* packet = old_->store_.get(copies_.front());
    if (packet != nullptr && !packet->copied) return;
    copies_.pop_front();
  }
}

std::int64_t Ring::originate_copies(Token& token, std::int64_t allowed) {
  std::int64_t count = 0;
  while (count < allowed && !copies_.empty()) {
    Packet* old = old_->store_.get(copies_.front());
    copies_.pop_front();
    old->copied = true;
    Packet* copy = make_copy(*old, ++token.seq);
    store_.put(copy);
    own_high_ = copy->seq;
    send_packet(copy, 0, static_cast<std::uint8_t>(forwarded_token_seq_));
    ++context_.stats.recovery_copies;
    ++count;
    prune_copies();
  }
  return count;
}

Packet* Ring::make_copy(const Packet& old, std::uint64_t seq) {
  Packet* copy = context_.pool.take();
  const Bytes payload = old.payload();
  copy->seq = seq;
  copy->origin = old.origin;
  copy->first_start = old.first_start;
  copy->flags = static_cast<std::uint8_t>((old.flags & ~(DataHeader::kRetransmission | DataHeader::kPostToken)) |
                                          DataHeader::kCopy);
  copy->size = static_cast<std::uint32_t>(DataHeader::kSize + CopyHeader::kSize + payload.size());
  const CopyHeader header{static_cast<std::uint32_t>(old.seq), static_cast<std::uint8_t>(setup_.self)};
  header.write(copy->plain() + DataHeader::kSize);
  std::memcpy(copy->plain() + DataHeader::kSize + CopyHeader::kSize, payload.data(), payload.size());
  return copy;
}

bool Ring::decapsulate(const Packet& packet) {
  if (old_ == nullptr || mode_ != RingMode::kForming || !packet.is_copy()) return true;
  const CopyHeader copy = CopyHeader::read(packet.plain() + DataHeader::kSize);
  const bool is_ours = copy.maker < shares_old_.size() && shares_old_[copy.maker];
  return !is_ours || old_->take_copy(packet, copy.old_seq_low);
}

bool Ring::take_copy(const Packet& copy, std::uint32_t old_seq_low) {
  const std::uint64_t seq = widen(old_seq_low, store_.contiguous());
  if (seq <= store_.base()) return true;
  if (mode_ != RingMode::kSealed || copy.origin >= setup_.members.size() || !store_.in_reach(seq)) return false;
  if (Packet* held = store_.get(seq)) {
    held->copied = true;
    return true;
  }
  Packet* packet = context_.pool.take();
  const Bytes payload = copy.payload();
  packet->seq = seq;
  packet->origin = copy.origin;
  packet->first_start = copy.first_start;
  packet->flags = static_cast<std::uint8_t>(
      copy.flags & ~(DataHeader::kCopy | DataHeader::kRetransmission | DataHeader::kPostToken));
  packet->copied = true;
  packet->size = static_cast<std::uint32_t>(DataHeader::kSize + payload.size());
  std::memcpy(packet->plain() + DataHeader::kSize, payload.data(), payload.size());
  store_.put(packet);
  return true;
}

void Ring::forget_old(const Ring* old) {
  if (old_ != old) return;
  old_ = nullptr;
  copies_.clear();
}

// Copies have nothing to deliver: they leave the store once everybody has them.
void Ring::skip_copies() {
  while (delivered_ < store_.contiguous() && store_.get(delivered_ + 1)->is_copy()) ++delivered_;
  store_.discard_to(std::min(safe_line_, delivered_));
}

// True once: everybody has every copy, and knows that everybody has.
bool Ring::count_recovery(Token& token) {
  if (!copies_.empty() && !token.retransmission_flag) {
    token.retransmission_flag = true;
    has_set_flag_ = true;
  } else if (copies_.empty() && has_set_flag_) {
    token.retransmission_flag = false;
    has_set_flag_ = false;
  }
  quiet_visits_ = token.retransmission_flag ? 0 : quiet_visits_ + 1;
  if (quiet_visits_ == 2 && !install_seq_) install_seq_ = token.seq;
  if (!install_seq_) return false;
  if (quiet_visits_ >= 2 && store_.contiguous() >= *install_seq_) received_flag_ = true;
  const bool is_aru_installed = token.aru >= *install_seq_;
  const bool is_recovered = quiet_visits_ >= 3 && is_aru_installed && was_aru_installed_;
  was_aru_installed_ = is_aru_installed;
  return is_recovered;
}

// Ordinary packets of members that installed before this one may be here already: they are delivered next.
void Ring::install(Time now) {
  mode_ = RingMode::kRunning;
  was_installed_ = true;
  // The token waits for TypeScript at each member once: no measure of how long it takes to come round.
  rotation_ = {};
  old_ = nullptr;
  copies_.clear();
  skip_copies();
  if (is_alone()) {
    visit_alone(now);
    return;
  }
  if (hold_ != Hold::kInstall || !held_) return;
  Token token = *held_;
  held_.reset();
  hold_ = Hold::kNone;
  forward(now, token);
}

}  // namespace openais
