using System.Runtime.CompilerServices;
using LoraPS.Engine.Runtime;
using TorchSharp;

// Two tests at once would only take turns on the processor, with twice the memory.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace LoraPS.Engine.Tests;

/// <summary>Loads libtorch before any test: TorchSharp's types look for it by themselves, and in vain, when touched first.</summary>
internal static class TorchSetup
{
    [ModuleInitializer]
    internal static void Load()
    {
        TorchRuntime.EnsureLoaded();
        // The models are so small that threads wait for each other longer than they compute.
        torch.set_num_threads(1);
    }
}
