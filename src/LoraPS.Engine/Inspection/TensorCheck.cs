using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Inspection;

/// <summary>Looks for NaN and infinite numbers in every tensor of a file.</summary>
internal static class TensorCheck
{
    public static void Run(SafetensorsFile file, List<LoraProblem> problems, IProgress<EngineEvent>? events, CancellationToken cancellationToken)
    {
        TorchRuntime.EnsureLoaded();
        for (var i = 0; i < file.Tensors.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var info = file.Tensors[i];
            events?.Report(new ProgressEvent("Checking", info.Name, (double)i / file.Tensors.Count));
            if (!info.DType.IsFloatingPoint())
                continue;
            using var scope = NewDisposeScope();
            var values = file.Read(info.Name);
            var (nan, infinite) = (values.isnan().sum().item<long>(), values.isinf().sum().item<long>());
            if (nan + infinite > 0)
                problems.Add(new(LoraProblemKind.NotFinite, IsError: true, info.Name, $"{nan} NaN and {infinite} infinite of {values.numel()} numbers."));
        }
    }
}
