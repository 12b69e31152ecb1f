namespace LoraPS.Engine.Runtime;

/// <summary>What an installed libtorch computes on.</summary>
public enum RuntimeBackend
{
    /// <summary>The CPU alone; on Apple silicon its GPU too.</summary>
    Cpu,

    /// <summary>NVIDIA's GPUs, and the CPU.</summary>
    Cuda,
}
