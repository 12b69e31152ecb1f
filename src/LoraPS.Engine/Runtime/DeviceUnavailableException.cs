namespace LoraPS.Engine.Runtime;

/// <summary>A device was asked for that this machine, or the libtorch that is loaded, does not have.</summary>
/// <param name="device">The device.</param>
/// <param name="reason">What is missing, and what to do.</param>
public sealed class DeviceUnavailableException(string device, string reason)
    : EngineException("DeviceUnavailable", $"The device '{device}' cannot be used: {reason}", device);
