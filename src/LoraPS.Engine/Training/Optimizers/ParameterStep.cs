using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>One parameter's part in an update.</summary>
/// <param name="Index">Its place among the optimizer's parameters.</param>
/// <param name="Step">Number of this step of the parameter, from 1.</param>
/// <param name="Value">The parameter, changed in place.</param>
/// <param name="Gradient">Its gradient.</param>
/// <param name="Rate">Its learning rate in this step.</param>
public readonly record struct ParameterStep(int Index, int Step, Tensor Value, Tensor Gradient, double Rate);
