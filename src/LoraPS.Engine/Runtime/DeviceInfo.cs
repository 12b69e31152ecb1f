namespace LoraPS.Engine.Runtime;

/// <summary>A device that can compute.</summary>
/// <param name="Name">As commands take it: "cpu", "cuda:0", "mps".</param>
/// <param name="IsDefault">True for the one that "auto" takes.</param>
/// <param name="Threads">Threads that compute together; null where it is no CPU.</param>
/// <param name="Libtorch">The folder of the libtorch that is loaded.</param>
public sealed record DeviceInfo(string Name, bool IsDefault, int? Threads, string Libtorch);
