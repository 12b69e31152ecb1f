using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>The length of all gradients together, and its limit.</summary>
public static class GradientNorm
{
    /// <summary>Shortens the gradients of all parameters, in place and by one factor, to a largest L2 norm.</summary>
    /// <param name="parameters">The parameters; those without a gradient do not count.</param>
    /// <param name="maxNorm">The largest norm; 0 only measures.</param>
    /// <returns>The norm before.</returns>
    /// <remarks>The same numbers as torch.nn.utils.clip_grad_norm_: the factor is maxNorm / (norm + 1e-6), at most 1.</remarks>
    public static double Clip(IEnumerable<Tensor> parameters, double maxNorm)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var gradients = parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToList();
        if (gradients.Count == 0)
            return 0;
        var total = stack(gradients.Select(gradient => gradient.to(ScalarType.Float32).norm())).norm();
        double norm = total.cpu().item<float>();
        // Gradients that are not finite stay as they are, so that it can be told which.
        if (maxNorm > 0 && double.IsFinite(norm))
        {
            var factor = total.Plus(1e-6).reciprocal().Times(maxNorm).AtMost(1);
            gradients.ForEach(gradient => gradient.mul_(factor.to(gradient.dtype)));
        }

        return norm;
    }
}
