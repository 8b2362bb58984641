// How long the token takes to come round, as measured. A lost token is repeated after a few of these, not after a fixed
// time (A30).
#pragma once

#include "types.hpp"

namespace openais {

class Rotation {
 public:
  // The token came; `clean` if it did not rest anywhere since it came last.
  void visited(Time now, bool clean) {
    if (clean && last_ != 0) sample(now - last_);
    last_ = now;
  }

  Time mean() const { return mean_; }
  // Twice the median; 0 before anything is measured. Not the mean and its deviation: a rotation in which the token was
  // lost lasts as long as it took to repeat it, so the time until the next repetition would grow with each loss, up to
  // its maximum.
  Time bound() const { return 2 * median_; }

 private:
  void sample(Time rotation) {
    if (median_ == 0) {
      mean_ = median_ = rotation;
    } else {
      mean_ = rotation > mean_ ? mean_ + (rotation - mean_) / 16 : mean_ - (mean_ - rotation) / 16;
      // As many steps up as down, of one length: that is where half of them are longer.
      if (rotation > median_) median_ += step(rotation - median_);
      if (rotation < median_) median_ -= step(median_ - rotation);
    }
  }

  Time step(Time most) const { return most <= median_ / 16 ? most : median_ / 16 + 1; }

  Time last_ = 0;
  Time mean_ = 0;
  Time median_ = 0;
};

}  // namespace openais
