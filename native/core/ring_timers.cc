// Timers of a ring: loss, repetition and rest of the token (totem 1.9, A28, A30). Deadlines in the core, no timers of a
// system: a late tick fires each once.
#include <algorithm>

#include "ring.hpp"

namespace openais {

void Ring::accept_token(Time now, const Token& token) {
  const bool is_clean = has_seen_token_ && !forwarded_.idle && mode_ == RingMode::kRunning;
  rotation_.visited(now, is_clean);
  has_seen_token_ = true;
  received_token_seq_ = token.token_seq;
  received_seq_before_ = received_seq_;
  received_seq_ = token.seq;
  last_accept_ = now;
  loss_deadline_ = now + context_.config.timers.token_loss;
  retransmit_deadline_ = cancel_deadline_ = hold_deadline_ = kNever;
  held_.reset();
  hold_ = Hold::kNone;
  token_first_ = false;
  context_.stats.rotation_mean_ns = rotation_.mean();
  context_.stats.rotation_bound_ns = rotation_.bound();
  context_.stats.window = token.window;
  ++context_.stats.tokens_received;
}

// The representative makes the first token: nothing was sent, so there is nothing to have (aru starts below the first
// seq, S14).
void Ring::start_token(Time now) {
  if (is_alone()) {
    install_seq_ = store_.high();
    received_flag_ = true;
    if (!is_recovered_told_) context_.events.recovered(setup_.handle);
    is_recovered_told_ = true;
    return;
  }
  Token token;
  token.token_seq = context_.config.first_token_seq;
  token.seq = token.aru = context_.config.first_seq - 1;
  token.window = setup_.window;
  received_seq_ = received_seq_before_ = token.seq;
  accept_token(now, token);
  visit(now, token);
}

Time Ring::retransmit_interval() const {
  const EngineTimers& timers = context_.config.timers;
  if (forwarded_.idle) return timers.idle_retransmit;
  // Nothing is measured yet: each repetition doubles what was too short.
  const Time measured = std::max(3 * rotation_.bound(), timers.retransmit_min);
  return std::clamp(measured << std::min<Time>(retransmit_backoff_, 16), timers.retransmit_min, timers.retransmit_max);
}

bool Ring::wants_wake() const {
  if (mode_ != RingMode::kRunning) return false;
  return is_alone() || hold_ == Hold::kIdle || may_rest_elsewhere();
}

void Ring::submitted(Time now) {
  if (mode_ != RingMode::kRunning) return;
  if (is_alone()) return visit_alone(now);
  if (hold_ == Hold::kIdle) return release_held(now);
  if (may_rest_elsewhere() && cancel_deadline_ == kNever) ask_for_token(now);
}

void Ring::release_held(Time now) {
  Token token = *held_;
  held_.reset();
  hold_ = Hold::kNone;
  hold_deadline_ = kNever;
  rotation_.visited(now, false);
  visit(now, token);
}

// The token rests somewhere, or was lost while it was idle: repeated until it comes.
void Ring::ask_for_token(Time now) {
  context_.outlet.send_short(PacketType::kHoldCancel, setup_.id, known_, Bytes{},
                             {PacketClass::kData, true, {}, context_.outlet.all_links()});
  ++context_.stats.hold_cancels;
  repeat_soon(now);
  const EngineTimers& timers = context_.config.timers;
  cancel_deadline_ = now + std::clamp(3 * rotation_.bound(), timers.retransmit_min, timers.retransmit_max);
}

void Ring::receive_hold_cancel(Time now) {
  if (mode_ != RingMode::kRunning) return;
  if (hold_ == Hold::kIdle) return release_held(now);
  repeat_soon(now);
}

// The token is wanted, and that which left here idle may be lost.
void Ring::repeat_soon(Time now) {
  if (retransmit_deadline_ == kNever || !forwarded_.idle) return;
  const Time soon = std::max(3 * rotation_.bound(), context_.config.timers.retransmit_min);
  retransmit_deadline_ = std::min(retransmit_deadline_, now + soon);
}

bool Ring::has_lost_token(Time now) const {
  return now >= loss_deadline_;
}

Time Ring::deadline() const {
  return std::min({loss_deadline_, retransmit_deadline_, hold_deadline_, cancel_deadline_});
}

void Ring::tick(Time now) {
  if (now >= hold_deadline_) release_held(now);
  if (now >= retransmit_deadline_) {
    ++retransmit_backoff_;
    retransmit_deadline_ = now + retransmit_interval();
    send_token(forwarded_);
    ++context_.stats.token_retransmits;
  }
  if (now >= cancel_deadline_) {
    if (context_.packer.empty()) {
      cancel_deadline_ = kNever;
    } else {
      ask_for_token(now);
    }
  }
}

}  // namespace openais
