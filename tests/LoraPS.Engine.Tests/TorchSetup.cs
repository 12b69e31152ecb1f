using System.Runtime.CompilerServices;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests;

/// <summary>Loads libtorch before any test: TorchSharp's types look for it by themselves, and in vain, when touched first.</summary>
internal static class TorchSetup
{
    [ModuleInitializer]
    internal static void Load() => TorchRuntime.EnsureLoaded();
}
