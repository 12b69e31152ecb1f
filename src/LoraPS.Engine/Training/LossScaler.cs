using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Multiplies the loss so that gradients in float16 neither vanish nor overflow, and finds the factor as it goes.</summary>
/// <remarks>
/// Micikevicius et al., "Mixed precision training", 2018; the rule and the numbers of torch.amp.GradScaler: a step whose
/// gradients overflow is left out and halves the factor, 2000 steps without one double it.
/// </remarks>
public sealed class LossScaler : IDisposable
{
    /// <summary>Factor of the first step.</summary>
    public const double FirstScale = 65536;

    /// <summary>Steps without overflow after which the factor is doubled.</summary>
    public const int GrowthInterval = 2000;

    private const double Growth = 2;
    private const double Backoff = 0.5;

    /// <summary>What has to be kept with a run's state: the factor, and the steps since it was changed. [2], float32.</summary>
    public Tensor Memory { get; } = tensor(new[] { (float)FirstScale, 0 }).DetachFromDisposeScope();

    /// <summary>The factor in force.</summary>
    public double Scale => Memory[0].item<float>();

    /// <summary>The loss to take gradients of.</summary>
    /// <param name="loss">A scalar.</param>
    public Tensor Apply(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return loss.Times(Scale);
    }

    /// <summary>Divides the gradients by the factor, in place.</summary>
    /// <param name="parameters">The parameters; those without a gradient are passed over.</param>
    public void Unscale(IEnumerable<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var inverse = 1 / Scale;
        foreach (var gradient in parameters.Select(parameter => parameter.grad).OfType<Tensor>())
            gradient.MultiplyInPlace(inverse);
    }

    /// <summary>Finds the factor of the next step.</summary>
    /// <param name="overflowed">Whether this step's gradients were not finite.</param>
    public void Update(bool overflowed)
    {
        using var scope = NewDisposeScope();
        var (scale, steps) = (Scale, overflowed ? 0 : Memory[1].item<float>() + 1);
        if (overflowed)
            scale *= Backoff;
        else if (steps == GrowthInterval)
            (scale, steps) = (float.IsFinite((float)(scale * Growth)) ? scale * Growth : scale, 0);
        Memory.copy_(tensor(new[] { (float)scale, steps }));
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();
}
