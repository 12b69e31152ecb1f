using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>A way from noise to a picture's latents.</summary>
/// <param name="Name">The name it is chosen by, as the common user interfaces write it.</param>
/// <param name="Spacing">Where its steps lie.</param>
/// <param name="Sample">Runs it; the caller disposes the latents.</param>
public sealed record Sampler(string Name, SigmaSpacing Spacing, Func<SamplerRun, Tensor> Sample)
{
    /// <summary>All samplers. A new one is one file and one line here.</summary>
    public static IReadOnlyList<Sampler> All { get; } =
    [
        new("DDIM", SigmaSpacing.Leading, EulerSampler.Sample),
        new("Euler", SigmaSpacing.Even, EulerSampler.Sample),
        new("Euler a", SigmaSpacing.Even, EulerAncestralSampler.Sample),
        new("DPM++ 2M", SigmaSpacing.Even, DpmSolver2MSampler.Sample),
        new("DPM++ 2M Karras", SigmaSpacing.Karras, DpmSolver2MSampler.Sample),
        new("UniPC", SigmaSpacing.Even, UniPcSampler.Sample),
    ];

    /// <summary>The sampler of a name, in any case.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Sampler Find(string name) =>
        All.FirstOrDefault(sampler => sampler.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new ArgumentException(
            $"There is no sampler '{name}'. Choose one of: {string.Join(", ", All.Select(sampler => sampler.Name))}.", nameof(name));
}
