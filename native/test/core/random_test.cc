#include "core/random.hpp"

#include <doctest/doctest.h>

#include <set>

namespace openais {

TEST_CASE("the same seed gives the same numbers, another seed others") {
  Random one({1, 2, 3, 4});
  Random same({1, 2, 3, 4});
  Random other({1, 2, 3, 5});
  std::size_t equal = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t value = one.next();
    REQUIRE(value == same.next());
    equal += value == other.next();
  }
  CHECK(equal < 3);
}

TEST_CASE("the generator is xoshiro256**") {
  Random random({1, 2, 3, 4});
  CHECK(random.next() == 11520);
  CHECK(random.next() == 0);
  CHECK(random.next() == 1509978240);
  CHECK(random.next() == 1215971899390074240u);
}

TEST_CASE("a seed of nothing but zeros gives numbers all the same") {
  Random random({0, 0, 0, 0});
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random.next());
  CHECK(seen.size() > 90);
}

}  // namespace openais
