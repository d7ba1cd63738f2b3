#include "engine/methods/empirical_activity.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/error.h"

namespace ytterby {
namespace {

void require(bool holds, const std::string& what, double value, const std::string& right) {
  if (!holds) throw Error(Fault::input, what + " is " + std::to_string(value) + ", needs to be " + right);
}

void check(const LiverInvolvement& liver) {
  require(liver.liver_volume > 0, "the liver's volume", liver.liver_volume, "above 0 mL");
  require(liver.tumour_volume >= 0 && liver.tumour_volume <= liver.liver_volume * (1 + 1e-6), "the tumours' volume",
          liver.tumour_volume, "0 mL to the liver's volume with tumour");
  require(liver.treated_share > 0 && liver.treated_share <= 1 + 1e-6, "the treated share of the liver",
          liver.treated_share, "above 0 to 1");
  require(liver.lung_shunt_fraction >= 0 && liver.lung_shunt_fraction < 1, "the lung shunt fraction",
          liver.lung_shunt_fraction, "0 to below 1");
  const double treated = liver.treated_tumour_volume.value_or(0);
  require(treated >= 0 && treated <= liver.tumour_volume * (1 + 1e-6), "the tumours' volume in the treated part",
          treated, "0 mL to the tumours' volume");
}

EmpiricalActivity reduced(double activity, double lung_shunt_fraction) {
  EmpiricalActivity result{activity, shunt_reduction(lung_shunt_fraction), {}};
  if (result.reduction < 1) result.activity = activity * (1 - result.reduction);
  return result;
}

}  // namespace

double body_surface_area(double height, double weight) {
  return 0.20247 * std::pow(height, 0.725) * std::pow(weight, 0.425);
}

double shunt_reduction(double lung_shunt_fraction) {
  if (lung_shunt_fraction < 0.10) return 0;
  if (lung_shunt_fraction < 0.15) return 0.2;
  return lung_shunt_fraction <= 0.20 ? 0.4 : 1;
}

double treated_tumour_share(const LiverInvolvement& liver) {
  const double tumour = liver.treated_tumour_volume.value_or(liver.tumour_volume);
  return std::min(1.0, tumour / (liver.treated_share * liver.liver_volume));
}

EmpiricalActivity bsa_activity(const LiverInvolvement& liver, double height, double weight) {
  check(liver);
  require(height >= 0.5 && height <= 2.6, "the height", height, "0.5 to 2.6 m");
  require(weight >= 10 && weight <= 400, "the weight", weight, "10 to 400 kg");
  const double whole = body_surface_area(height, weight) - 0.2 + treated_tumour_share(liver);
  return reduced(std::max(0.0, whole) * liver.treated_share, liver.lung_shunt_fraction);
}

EmpiricalActivity empirical_activity(const LiverInvolvement& liver) {
  check(liver);
  const double share = liver.tumour_volume / liver.liver_volume;
  const double whole = share <= 0.25 ? 2.0 : share <= 0.50 ? 2.5 : 3.0;
  return reduced(whole * liver.treated_share, liver.lung_shunt_fraction);
}

VialDraw draw_from_vial(double activity, double residual, double vial_activity, double vial_volume, double hours,
                        double half_life_h) {
  require(residual >= 0 && residual < 1, "the residual share", residual, "0 to below 1");
  require(vial_activity > 0, "the vial's activity", vial_activity, "above 0 GBq");
  require(vial_volume > 0, "the vial's volume", vial_volume, "above 0 mL");
  require(std::abs(hours) <= 1000, "the time from calibration to administration", hours, "within 1000 h");
  VialDraw draw{};
  const double decay = std::exp2(-hours / half_life_h);
  draw.drawn = activity / (1 - residual);
  draw.at_calibration = draw.drawn / decay;
  draw.vial_at_administration = vial_activity * decay;
  draw.share = draw.drawn / draw.vial_at_administration;
  draw.volume = draw.share * vial_volume;
  return draw;
}

}  // namespace ytterby
