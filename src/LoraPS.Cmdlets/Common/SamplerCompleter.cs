using System.Collections;
using LoraPS.Engine.Sampling;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes names of samplers.</summary>
public sealed class SamplerCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> Names(IDictionary parameters) => Sampler.All.Select(sampler => sampler.Name);
}
