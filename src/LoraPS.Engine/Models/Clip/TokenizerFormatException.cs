using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Clip;

/// <summary>A vocabulary file is not what it should be.</summary>
/// <param name="path">The file.</param>
/// <param name="line">The line, from 1; null where it is about the whole file.</param>
/// <param name="found">What is wrong, without a full stop.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public sealed class TokenizerFormatException(string path, long? line, string found, Exception? innerException = null)
    : EngineException(
        "InvalidTokenizer",
        $"{path}{(line is null ? "" : $", line {line}")}: {found}. Expected a CLIP vocabulary: vocab.json with merges.txt, or bpe_simple_vocab_16e6.txt.gz.",
        path,
        innerException)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The line, from 1; null where it is about the whole file.</summary>
    public long? Line { get; } = line;
}
