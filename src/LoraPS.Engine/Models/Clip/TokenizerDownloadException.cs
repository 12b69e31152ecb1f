using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Clip;

/// <summary>The tokenizer could not be fetched from the Hub; nothing was kept.</summary>
/// <param name="url">What was asked for.</param>
/// <param name="reason">Why it failed, without a full stop.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public sealed class TokenizerDownloadException(string url, string reason, Exception? innerException = null)
    : EngineException(
        "TokenizerDownloadFailed",
        $"The CLIP tokenizer could not be fetched from {url}: {reason}. Try again, set HF_ENDPOINT to a mirror of the Hub, "
        + "or name a folder with vocab.json and merges.txt as the tokenizer.",
        url,
        innerException);
