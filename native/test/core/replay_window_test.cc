#include "core/replay_window.hpp"

#include <doctest/doctest.h>

#include <set>

#include "core/random.hpp"

namespace openais {

TEST_CASE("each counter is accepted once, in whatever order they come") {
  ReplayWindow window;
  for (const std::uint64_t counter : {1u, 3u, 2u, 100u, 50u, 99u}) {
    CHECK(window.is_new(counter));
    window.accept(counter);
    CHECK_FALSE(window.is_new(counter));
  }
  CHECK(window.highest() == 100);
}

TEST_CASE("zero is no counter") {
  CHECK_FALSE(ReplayWindow{}.is_new(0));
}

TEST_CASE("what fell out of the window is not accepted, the last in it is") {
  ReplayWindow window;
  window.accept(kReplayWindow + 10);
  CHECK_FALSE(window.is_new(10));
  CHECK(window.is_new(11));
}

TEST_CASE("asking changes nothing") {
  ReplayWindow window;
  window.accept(5);
  CHECK(window.is_new(9));
  CHECK(window.highest() == 5);
  CHECK(window.is_new(9));
}

TEST_CASE("a jump over the whole window forgets what was seen in it") {
  ReplayWindow window;
  for (std::uint64_t counter = 1; counter <= 100; ++counter) window.accept(counter);
  const std::uint64_t far = 10 * kReplayWindow + 100;
  window.accept(far);
  for (std::uint64_t counter = far - 200; counter < far; ++counter) CHECK(window.is_new(counter));
  CHECK_FALSE(window.is_new(far));
}

TEST_CASE("the window agrees with a plain set over random counters, near the edges of 32 and 64 bits too") {
  for (const std::uint64_t start : {std::uint64_t{1}, (std::uint64_t{1} << 32) - 3000, ~std::uint64_t{0} - 40000}) {
    ReplayWindow window;
    std::set<std::uint64_t> seen;
    std::uint64_t highest = 0;
    Random random({start, 2, 3, 4});
    std::uint64_t base = start;
    for (int i = 0; i < 20000; ++i) {
      base += random.next() % 3;
      if (i % 5000 == 0) base += 2 * kReplayWindow * (i > 0);
      const std::uint64_t back = random.next() % (kReplayWindow + 200);
      const std::uint64_t counter = base > back + 1 ? base - back : 1;
      const bool is_expected = (counter > highest || highest - counter < kReplayWindow) && !seen.contains(counter);
      REQUIRE(window.is_new(counter) == is_expected);
      if (!is_expected) continue;
      window.accept(counter);
      seen.insert(counter);
      highest = std::max(highest, counter);
    }
  }
}

TEST_CASE("the last counter that there is can be accepted") {
  ReplayWindow window;
  const std::uint64_t last = ~std::uint64_t{0};
  window.accept(last - 10);
  CHECK(window.is_new(last));
  window.accept(last);
  CHECK_FALSE(window.is_new(last));
  CHECK(window.is_new(last - 1));
  CHECK_FALSE(window.is_new(last - 10));
}

}  // namespace openais
