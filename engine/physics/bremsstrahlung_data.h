#pragma once
// Bremsstrahlung of a material: Seltzer-Berger's tables summed over its elements, interpolated and integrated.

#include <vector>

#include "engine/physics/library.h"
#include "engine/physics/material.h"

namespace ytterby {

/// The scaled cross section X(T, kappa) = beta^2 k dsigma/dk per mass [cm2/g], kappa = k/T. Cubic spline in ln T,
/// monotone cubic in kappa; outside 1 keV to 4 MeV X keeps the value of the nearest end.
/// Seltzer, Berger, At. Data Nucl. Data Tables 35 (1986) 345; elements add up (Bragg's rule).
class BremsstrahlungData {
 public:
  BremsstrahlungData() = default;
  BremsstrahlungData(const Material& material, const Library& library);

  /// X(T, kappa) [cm2/g]; T in MeV, kappa from 0 to 1.
  [[nodiscard]] double scaled(double T, double kappa) const;
  /// Integral of X over kappa from 0 to `kappa` [cm2/g].
  [[nodiscard]] double energy_integral(double T, double kappa) const;
  /// Integral of X / kappa over kappa from `kappa` to 1 [cm2/g].
  [[nodiscard]] double number_integral(double T, double kappa) const;

 private:
  struct Row {
    std::vector<double> value, slope;  // at the nodes in kappa
    double at(const std::vector<double>& kappa_nodes, std::size_t interval, double kappa) const;
  };
  [[nodiscard]] Row row(double T) const;

  std::vector<double> log_energy_, kappa_;
  std::vector<double> value_, second_derivative_;  // X and d2X/d(ln T)2, [kappa][energy]
};

}  // namespace ytterby
