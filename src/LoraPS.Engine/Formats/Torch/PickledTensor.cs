namespace LoraPS.Engine.Formats.Torch;

/// <summary>A tensor as a pickle describes it: a view of a storage, perhaps one of several.</summary>
/// <param name="Storage">Where its numbers lie.</param>
/// <param name="First">The first of them.</param>
/// <param name="Shape">Sizes of the dimensions.</param>
/// <param name="Strides">How many numbers apart neighbours in a dimension are.</param>
internal sealed record PickledTensor(PickledStorage Storage, long First, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides)
{
    /// <summary>How many numbers it has.</summary>
    /// <exception cref="OverflowException">The shape is beyond all bounds.</exception>
    public long Count => Shape.Aggregate(1L, (product, side) => checked(product * side));

    /// <summary>True when every number lies within the storage, and it has no more numbers than the storage.</summary>
    public bool IsWithinStorage
    {
        get
        {
            try
            {
                if (Shape.Count > TensorSpec.MaxDimensions || Shape.Count != Strides.Count || First < 0 || Shape.Any(side => side < 0) || Strides.Any(stride => stride < 0))
                    return false;
                var count = Count;
                var last = count == 0 ? First - 1 : Shape.Zip(Strides).Aggregate(First, (at, side) => checked(at + ((side.First - 1) * side.Second)));
                return last < Storage.Count && count <= Storage.Count;
            }
            catch (OverflowException)
            {
                return false;
            }
        }
    }

    /// <summary>True when the numbers lie one after the other, the last dimension first.</summary>
    public bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var i = Shape.Count - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                    return Count == 0;
                expected *= Shape[i];
            }

            return true;
        }
    }
}
