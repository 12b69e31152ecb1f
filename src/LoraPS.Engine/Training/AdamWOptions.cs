namespace LoraPS.Engine.Training;

/// <summary>Settings of <see cref="AdamW"/>; the defaults are those of torch.optim.AdamW.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the running mean of the gradients.</summary>
    /// <value>0 up to, but not including, 1; default 0.9.</value>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the running mean of the squared gradients.</summary>
    /// <value>0 up to, but not including, 1; default 0.999.</value>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator so that it is never zero.</summary>
    /// <value>Default 1e-8.</value>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Share of a weight, times the learning rate, taken off in every step.</summary>
    /// <value>Default 0.01.</value>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Checks every number against its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside.</exception>
    public void Validate()
    {
        foreach (var (name, decay) in new[] { (nameof(Beta1), Beta1), (nameof(Beta2), Beta2) })
        {
            ArgumentOutOfRangeException.ThrowIfNegative(decay, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(decay, 1, name);
        }

        ArgumentOutOfRangeException.ThrowIfNegative(Epsilon);
        ArgumentOutOfRangeException.ThrowIfNegative(WeightDecay);
    }
}
