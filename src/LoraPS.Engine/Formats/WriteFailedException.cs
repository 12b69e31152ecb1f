using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>A file could not be written; what was there before is unchanged.</summary>
/// <param name="path">Where it should have gone.</param>
/// <param name="innerException">What the system said.</param>
public sealed class WriteFailedException(string path, Exception innerException)
    : EngineException(
        "LoraWriteFailed",
        $"{path} cannot be written: {innerException.Message} Nothing was left behind. Check the folder, its permissions and the space on the disk.",
        path, innerException);
