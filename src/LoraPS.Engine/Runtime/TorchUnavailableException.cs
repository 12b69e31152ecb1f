namespace LoraPS.Engine.Runtime;

/// <summary>libtorch could not be loaded. The message holds the reason and the mend.</summary>
public sealed class TorchUnavailableException(string message, string directory, Exception? innerException = null)
    : EngineException("TorchNotLoaded", message, directory, innerException);
