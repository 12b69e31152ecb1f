using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Clip;

/// <summary>No CLIP vocabulary is in any of the places looked at.</summary>
/// <param name="looked">The places, with what each lacks.</param>
/// <param name="remedy">What to do, as one or more sentences.</param>
/// <param name="target">The path that was named, or the model.</param>
public sealed class TokenizerNotFoundException(IReadOnlyList<string> looked, string remedy, string? target)
    : EngineException(
        "TokenizerNotFound",
        $"No CLIP tokenizer was found. Looked at: {string.Join("; ", looked)}. {remedy}",
        target)
{
    /// <summary>The places looked at, with what each lacks.</summary>
    public IReadOnlyList<string> Looked { get; } = looked;
}
