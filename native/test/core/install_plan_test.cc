// Tables of totem 1.13 and the worked example of its section 2.3.
#include "core/install_plan.hpp"

#include <doctest/doctest.h>

namespace openais {
namespace {

using Seqs = std::vector<std::uint64_t>;

constexpr std::uint8_t kP = 0;
constexpr std::uint8_t kQ = 1;
constexpr std::uint8_t kR = 2;
const std::vector<bool> kAll{true, true, true};
const std::vector<bool> kWithoutP{false, true, true};

class OldRing {
 public:
  OldRing& agreed(std::uint64_t seq, std::uint8_t origin) { return put(seq, origin, 0); }
  OldRing& safe(std::uint64_t seq, std::uint8_t origin) { return put(seq, origin, DataHeader::kSafe); }
  InstallPlan plan(std::uint64_t delivered, std::uint64_t high_delivered, const std::vector<bool>& delivers) const {
    return plan_install(store_, delivered, high_delivered, delivers);
  }
  void discard_to(std::uint64_t seq) { store_.discard_to(seq); }

 private:
  OldRing& put(std::uint64_t seq, std::uint8_t origin, std::uint8_t flags) {
    Packet* packet = pool_.take();
    packet->seq = seq;
    packet->origin = origin;
    packet->flags = flags;
    packet->size = DataHeader::kSize;
    store_.put(packet);
    return *this;
  }
  PacketPool pool_{64};
  Store store_{pool_, 64, 1};
};

}  // namespace

TEST_CASE("without a gap and without safe packets all comes in the old configuration") {
  OldRing ring;
  ring.agreed(1, kP).agreed(2, kQ).agreed(3, kR);
  const InstallPlan plan = ring.plan(0, 0, kWithoutP);
  CHECK(plan.regular == Seqs{1, 2, 3});
  CHECK(plan.transitional.empty());
}

TEST_CASE("what was delivered is not delivered again") {
  OldRing ring;
  ring.agreed(1, kP).agreed(2, kQ).agreed(3, kR);
  ring.discard_to(1);
  const InstallPlan plan = ring.plan(2, 2, kAll);
  CHECK(plan.regular == Seqs{3});
  CHECK(ring.plan(3, 3, kAll).regular.empty());
}

TEST_CASE("a safe packet that nobody delivered, and all behind it, comes in the transitional configuration") {
  OldRing ring;
  ring.agreed(1, kQ).safe(2, kQ).agreed(3, kR).safe(4, kR);
  const InstallPlan plan = ring.plan(0, 0, kWithoutP);
  CHECK(plan.regular == Seqs{1});
  CHECK(plan.transitional == Seqs{2, 3, 4});
}

TEST_CASE("a safe packet that any of those who deliver together delivered comes in the old configuration") {
  OldRing ring;
  ring.agreed(1, kQ).safe(2, kQ).agreed(3, kR).safe(4, kR);
  const InstallPlan plan = ring.plan(0, 2, kWithoutP);
  CHECK(plan.regular == Seqs{1, 2, 3});
  CHECK(plan.transitional == Seqs{4});
}

TEST_CASE("behind a gap only packets of those who deliver together are delivered") {
  OldRing ring;
  ring.agreed(1, kP).agreed(3, kP).agreed(4, kQ).safe(5, kR).agreed(7, kP).agreed(8, kR);
  const InstallPlan plan = ring.plan(0, 0, kWithoutP);
  CHECK(plan.regular == Seqs{1});
  CHECK(plan.transitional == Seqs{4, 5, 8});
}

TEST_CASE("between a safe packet and the first gap everything is delivered, whoever sent it") {
  OldRing ring;
  ring.safe(1, kQ).agreed(2, kP).agreed(4, kP).agreed(5, kQ);
  const InstallPlan plan = ring.plan(0, 0, kWithoutP);
  CHECK(plan.regular.empty());
  CHECK(plan.transitional == Seqs{1, 2, 5});
}

TEST_CASE("an old ring in which nothing was sent gives nothing") {
  const OldRing ring;
  CHECK(ring.plan(0, 0, kAll).regular.empty());
  CHECK(ring.plan(0, 0, kAll).transitional.empty());
}

TEST_CASE("p leaves q and r: its message behind its own lost one is dropped, the safe one comes in {q, r}") {
  OldRing at_q;
  OldRing at_r;
  // 1: agreed by q. 2: p's lost message l. 3: p's m, which follows l. 4: r's safe n, not acknowledged by p.
  for (OldRing* ring : {&at_q, &at_r}) ring->agreed(1, kQ).agreed(3, kP).safe(4, kR);
  for (const OldRing* ring : {&at_q, &at_r}) {
    const InstallPlan plan = ring->plan(0, 1, kWithoutP);
    CHECK(plan.regular == Seqs{1});
    CHECK(plan.transitional == Seqs{4});
  }
}

TEST_CASE("the plan depends on nothing that members who go together may know differently") {
  // r has delivered 1 and 2 and discarded 1, q nothing: the sum of what each delivers is the same.
  OldRing at_q;
  OldRing at_r;
  for (OldRing* ring : {&at_q, &at_r}) ring->agreed(1, kP).safe(2, kQ).agreed(3, kR).safe(4, kR).agreed(6, kQ);
  at_r.discard_to(1);
  const InstallPlan q = at_q.plan(0, 2, kWithoutP);
  const InstallPlan r = at_r.plan(2, 2, kWithoutP);
  CHECK(q.regular == Seqs{1, 2, 3});
  CHECK(r.regular == Seqs{3});
  CHECK(q.transitional == r.transitional);
  CHECK(q.transitional == Seqs{4, 6});
}

TEST_CASE("copies of an older ring have nothing to deliver and are passed over") {
  OldRing ring;
  ring.agreed(1, kQ).agreed(2, kR);
  PacketPool pool(64);
  Store store(pool, 16, 1);
  Packet* copy = pool.take();
  copy->seq = 1;
  copy->flags = DataHeader::kCopy;
  copy->origin = 200;  // of the older ring: no index here
  store.put(copy);
  Packet* after_gap = pool.take();
  *after_gap = *copy;
  after_gap->seq = 3;
  store.put(after_gap);
  const InstallPlan plan = plan_install(store, 0, 0, kAll);
  CHECK(plan.regular.empty());
  CHECK(plan.transitional.empty());
}

}  // namespace openais
