namespace LoraPS.Engine.Runtime;

/// <summary>A libtorch could not be installed; what was installed before is unchanged.</summary>
/// <param name="errorId">
/// RuntimePackageMissing, RuntimePackageCorrupt, RuntimePackageUnverified, RuntimeFeedUnavailable, RuntimeFeedInsecure,
/// RuntimeFolderUnusable or RuntimePlatformUnsupported.
/// </param>
/// <param name="message">What is wrong, where, and what to do.</param>
/// <param name="target">The package, feed or folder.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public sealed class RuntimeInstallException(string errorId, string message, object? target = null, Exception? innerException = null)
    : EngineException(errorId, message, target, innerException);
