namespace LoraPS.Engine.Inspection;

/// <summary>How strong a LoRA is and where.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="Modules">One entry a module, in the order of the file.</param>
public sealed record LoraMeasurement(string Path, IReadOnlyList<ModuleMeasurement> Modules)
{
    /// <summary>Frobenius norm of all weight differences together.</summary>
    public double Norm => Math.Sqrt(Modules.Sum(module => module.Norm * module.Norm));

    /// <summary>One entry a block, in the order of the model.</summary>
    public IReadOnlyList<BlockMeasurement> Blocks
    {
        get
        {
            var total = Modules.Sum(module => module.Norm * module.Norm);
            return Modules.GroupBy(module => module.Block).OrderBy(group => group.Key ?? (Naming.UNetBlock)int.MaxValue)
                .Select(group => (group.Key, Norms: group.Select(module => module.Norm).ToList()))
                .Select(group => (group.Key, group.Norms, Energy: group.Norms.Sum(norm => norm * norm)))
                .Select(group => new BlockMeasurement(group.Key, group.Norms.Count, Math.Sqrt(group.Energy), group.Norms.Average(), total == 0 ? 0 : group.Energy / total)).ToArray();
        }
    }

    /// <summary>Modules that change nothing, such as those of layers that get no gradient.</summary>
    public IReadOnlyList<string> DeadModules => Modules.Where(module => module.IsDead).Select(module => module.Name).ToArray();
}
